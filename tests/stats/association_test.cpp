#include "cohesin/stats/association.h"

#include <cmath>
#include <vector>

#include "tests/testing.h"

namespace cohesin {
namespace {

struct Samples {
  std::vector<int64_t> row, column;
};

Samples samples_of(const std::vector<std::vector<int>>& counts) {
  Samples samples;
  for (size_t r = 0; r < counts.size(); ++r)
    for (size_t c = 0; c < counts[r].size(); ++c)
      for (int k = 0; k < counts[r][c]; ++k) {
        samples.row.push_back(static_cast<int64_t>(r) * 7 - 3);
        samples.column.push_back(static_cast<int64_t>(c));
      }
  return samples;
}

Association associate(const std::vector<std::vector<int>>& counts) {
  const Samples samples = samples_of(counts);
  return cohesin::associate(samples.row, samples.column);
}

// scipy 1.17: chi2_contingency(correction=False), contingency.association(method="cramer").
TEST(Association, IsThatOfScipy) {
  const Association small = associate({{10, 10, 20}, {20, 20, 20}});
  EXPECT_NEAR(small.chi_square, 2.7777777777777777, 1e-12);
  EXPECT_EQ(small.degrees_of_freedom, 2);
  EXPECT_NEAR(small.p_value, 0.24935220877729622, 1e-12);
  const Association large = associate({{100, 150}, {203, 322}, {420, 700}, {320, 210}});
  EXPECT_NEAR(large.cramers_v, 0.18617813077483678, 1e-12);
  EXPECT_EQ(large.num_samples, 2425);
}

TEST(Association, TheCorrectionTakesWhatChanceGives) {
  // 2 x 2, n = 100: phi2 = 0.04, corrected 0.04 - 1/99, sides 2 - 1/99
  const Association weak = associate({{30, 20}, {20, 30}});
  EXPECT_NEAR(weak.cramers_v, 0.2, 1e-12);
  EXPECT_NEAR(weak.cramers_v_corrected, std::sqrt((0.04 - 1.0 / 99) / (1 - 1.0 / 99)), 1e-12);
  EXPECT_EQ(associate({{25, 25}, {25, 25}}).cramers_v_corrected, 0);
  const Association full = associate({{50, 0}, {0, 50}});
  EXPECT_NEAR(full.cramers_v, 1, 1e-12);
  EXPECT_NEAR(full.cramers_v_corrected, 1, 1e-12);
}

TEST(Association, SmallExpectedCountsHaveNoPValueAndLoneSamplesNoCorrection) {
  EXPECT_TRUE(std::isnan(associate({{4, 1}, {1, 4}}).p_value));
  const Association lone = associate({{1, 0}, {1, 0}, {0, 1}, {0, 1}});
  EXPECT_NEAR(lone.cramers_v, 1, 1e-12);
  EXPECT_TRUE(std::isnan(lone.cramers_v_corrected));
  EXPECT_ERROR(associate({{4, 1}}), "two groups on both sides, got 1 and 2");
}

}  // namespace
}  // namespace cohesin
