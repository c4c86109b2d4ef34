#include "cohesin/omics/composition.h"

#include <algorithm>

#include "tests/testing.h"

namespace cohesin {
namespace {

MultiOmics cohort_of(const std::vector<std::string>& sequences) {
  MultiOmics cohort;
  for (size_t i = 0; i < sequences.size(); ++i) cohort.obs.index.push_back(std::to_string(i));
  cohort.sequences.push_back({"sequence", sequences});
  return cohort;
}

float share(const MultiOmics& cohort, size_t sample, const std::string& word) {
  const Table& table = cohort.at(kComposition).table;
  const auto found = std::find(table.features.begin(), table.features.end(), word);
  return table.row(sample)[found - table.features.begin()];
}

TEST(Composition, CountsWordsOfBases) {
  MultiOmics cohort = cohort_of({"AAcGNuA", "ACGT"});
  add_composition(cohort);
  EXPECT_EQ(cohort.at(kComposition).table.num_features(), 4U + 16 + 64 + 256);
  EXPECT_FLOAT_EQ(share(cohort, 0, "A"), 0.5F);
  EXPECT_FLOAT_EQ(share(cohort, 0, "AC"), 0.25F);  // AA AC CG | TA: none across N
  EXPECT_FLOAT_EQ(share(cohort, 0, "TA"), 0.25F);
  EXPECT_FLOAT_EQ(share(cohort, 1, "ACGT"), 1.0F);
}

TEST(Composition, CountsResiduesAndPairs) {
  MultiOmics cohort = cohort_of({"MKUM", "MM"});
  add_composition(cohort);
  EXPECT_EQ(cohort.at(kComposition).table.num_features(), 20U + 400);
  EXPECT_FLOAT_EQ(share(cohort, 0, "M"), 2.0F / 3);  // U is no residue of the twenty
  EXPECT_FLOAT_EQ(share(cohort, 0, "MK"), 1.0F);
  EXPECT_FLOAT_EQ(share(cohort, 1, "MM"), 1.0F);
}

}  // namespace
}  // namespace cohesin
