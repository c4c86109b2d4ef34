#include "cohesin/run/gene_set_tests.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

// 100 genes of one class and modality, the first the strongest; names beside Ensembl ids.
std::vector<GeneAttribution> ranking() {
  std::vector<GeneAttribution> genes;
  for (int i = 0; i < 100; ++i) {
    GeneAttribution gene{"rnaseq", fmt::format("ENSG{:011}", i), fmt::format("GENE{}", i), "a"};
    gene.mean = (i % 2 == 0 ? 1.0 : -1.0) / (i + 1);
    genes.push_back(std::move(gene));
  }
  return genes;
}

TEST(GeneSetTests, FindTheSetOfTheStrongGenesByNameOrId) {
  const std::vector<GeneSet> sets = {
      {"weak", "", {"GENE60", "GENE70", "GENE80", "GENE90"}},
      {"strong", "", {"GENE0", "GENE1", "ENSG00000000002.7", "GENE3", "NOT_THERE"}},
      {"small", "", {"GENE5"}}};
  GeneSetTestOptions options;
  options.top = 10;
  options.smallest_set = 2;
  const auto tests = test_gene_sets(ranking(), sets, "sets.gmt", options);
  ASSERT_EQ(tests.size(), 2U);  // a set of one gene is not tested
  EXPECT_EQ(tests[0].set, "strong");
  EXPECT_EQ(tests[0].genes, 4);
  EXPECT_EQ(tests[0].overlap, 4);
  EXPECT_NEAR(tests[0].expected, 0.4, 1e-12);
  // scipy.stats.hypergeom.sf(3, 100, 4, 10) = 210 / 3921225
  EXPECT_NEAR(tests[0].p_value, 5.3554692730e-05, 1e-12);
  EXPECT_NEAR(tests[0].adjusted, 2 * tests[0].p_value, 1e-15);
  EXPECT_LT(tests[0].preranked_adjusted, 0.05);
  EXPECT_EQ(tests[0].leading, (std::vector<std::string>{"GENE0", "GENE1", "GENE2", "GENE3"}));
  EXPECT_GT(tests[1].preranked_p_value, 0.5);
  EXPECT_EQ(tests[1].p_value, 1);
}

TEST(GeneSetTests, WithoutACommonGeneBothSidesAreNamed) {
  EXPECT_ERROR(test_gene_sets(ranking(), {{"s", "", {"7157", "672"}}}, "sets.gmt", {}),
               "none of the 2 genes of its 1 sets is known to the model; it has 100 genes such as "
               "ENSG00000000000, ENSG00000000001, ENSG00000000002, the sets such as 7157, 672");
}

}  // namespace
}  // namespace cohesin
