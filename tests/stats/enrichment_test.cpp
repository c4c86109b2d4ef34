#include "cohesin/stats/enrichment.h"

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

// Expected: scipy 1.17.1, scipy.stats.hypergeom.sf(overlap - 1, universe, set, drawn).
TEST(HypergeometricTail, EqualsScipy) {
  const auto near = [](double found, double expected) {
    EXPECT_NEAR(found, expected, 1e-9 * expected);
  };
  near(hypergeometric_tail(12, 1000, 50, 100), 0.0024583389671421316);
  near(hypergeometric_tail(9, 17116, 200, 100), 2.578578379182444e-06);
  near(hypergeometric_tail(5, 20, 5, 5), 6.449948400412798e-05);
  near(hypergeometric_tail(9, 20, 18, 10), 0.763157894736842);
  near(hypergeometric_tail(60, 20000, 150, 300), 1.1257189029948746e-70);
  EXPECT_EQ(hypergeometric_tail(0, 17116, 200, 100), 1);
  EXPECT_EQ(hypergeometric_tail(41, 500, 40, 40), 0);
  EXPECT_ERROR(hypergeometric_tail(1, 10, 11, 2), "do not fit into 10 genes");
}

// Expected: statsmodels 0.14, multipletests(p, method='fdr_bh').
TEST(AdjustPValues, EqualsStatsmodelsAndLeavesNaNOut) {
  const double nan = std::nan("");
  const auto adjusted =
      adjust_p_values(std::vector<double>{0.01, 0.04, nan, 0.03, 0.005, 0.55, 0.04, 1.0});
  const std::vector<double> expected = {0.035, 0.056, nan, 0.056, 0.035, 0.6416666666666667,
                                        0.056, 1.0};
  for (size_t i = 0; i < expected.size(); ++i) {
    if (std::isnan(expected[i]))
      EXPECT_TRUE(std::isnan(adjusted[i]));
    else
      EXPECT_NEAR(adjusted[i], expected[i], 1e-12) << i;
  }
}

// Expected: the definition written down in numpy (cumulative sums over the ranking), and all 120
// sets of 3 of the 10 genes for the chance of a score as high.
TEST(Preranked, ScoreAndChanceAreThoseOfTheDefinition) {
  const std::vector<double> scores = {5, 4, 3.5, 3, 2, 1.5, 1, 0.5, 0.2, 0.1};
  PrerankedTest test(scores, 20000, 1);
  const PrerankedResult top = test.test({0, 1, 3}), middle = test.test({8, 2, 6});
  EXPECT_NEAR(top.score, 0.8571428571428572, 1e-12);
  EXPECT_NEAR(middle.score, 0.45896656534954405, 1e-12);
  EXPECT_NEAR(test.test({7, 8, 9}).score, 0, 1e-12);
  EXPECT_NEAR(top.p_value, 0.1, 0.01);
  EXPECT_NEAR(middle.p_value, 0.6916666666666667, 0.015);
  EXPECT_NEAR(top.normalized, 0.8571428571428572 / 0.5658645895383427, 0.02);
  EXPECT_EQ(top.leading, (std::vector<int64_t>{0, 1, 3}));
  EXPECT_EQ(middle.leading, (std::vector<int64_t>{2}));
}

TEST(Preranked, OrderOfGenesAndSetsDoesNotMatter) {
  PrerankedTest forward(std::vector<double>{4, 3, 2, 1, 0.5, 0.25}, 500, 7);
  PrerankedTest backward(std::vector<double>{0.25, 0.5, 1, 2, 3, 4}, 500, 7);
  backward.test({0, 1, 2});
  EXPECT_EQ(forward.test({0, 3}).p_value, backward.test({2, 5}).p_value);
}

TEST(Preranked, WithoutScoresEveryMemberCountsAlike) {
  PrerankedTest test(std::vector<double>(8, 0.0), 100, 1);
  EXPECT_NEAR(test.test({0, 1}).score, 1.0, 1e-12);  // ties keep the order of the genes
}

TEST(Preranked, RefusesWhatCannotBeTested) {
  EXPECT_ERROR(PrerankedTest(std::vector<double>{1, -1}, 10, 1), "scores of 0 or more, got -1");
  EXPECT_ERROR(PrerankedTest(std::vector<double>{1, std::nan("")}, 10, 1), "0 or more, got nan");
  EXPECT_ERROR(PrerankedTest(std::vector<double>{1}, 10, 1), "two genes at least");
  PrerankedTest test(std::vector<double>{2, 1}, 10, 1);
  EXPECT_ERROR(test.test({}), "a gene set of 0 of 2 genes");
  EXPECT_ERROR(test.test({0, 1}), "a gene set of 2 of 2 genes");
}

}  // namespace
}  // namespace cohesin
