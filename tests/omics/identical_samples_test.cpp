#include "cohesin/omics/identical_samples.h"

#include <algorithm>

#include "tests/testing.h"

namespace cohesin {
namespace {

// Four samples of one modality; the values of sample s begin at 100 s.
MultiOmics make_cohort(size_t num_features) {
  MultiOmics cohort;
  Modality modality;
  modality.name = "rnaseq";
  for (size_t f = 0; f < num_features; ++f)
    modality.table.features.push_back(fmt::format("g{}", f));
  for (int s = 0; s < 4; ++s) {
    cohort.obs.index.push_back(fmt::format("s{}", s));
    modality.table.samples.push_back(cohort.obs.index.back());
    for (size_t f = 0; f < num_features; ++f)
      modality.table.values.push_back(static_cast<float>(100 * s) + static_cast<float>(f));
  }
  modality.table.values[0] = kNotMeasured;
  cohort.modalities.push_back(std::move(modality));
  index_samples(cohort);
  return cohort;
}

void copy_row(Table& table, size_t from, size_t to) {
  std::copy(table.row(from), table.row(from) + table.num_features(), table.row(to));
}

TEST(IdenticalSamples, NamesEachRepeatWithTheFirstOfItsKind) {
  MultiOmics cohort = make_cohort(30);
  EXPECT_TRUE(identical_samples(cohort).empty());
  copy_row(cohort.modalities[0].table, 0, 2);
  copy_row(cohort.modalities[0].table, 0, 3);
  const auto pairs = identical_samples(cohort);
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(pairs[0].modality, "rnaseq");
  EXPECT_EQ(pairs[0].first, 0);
  EXPECT_EQ(pairs[0].second, 2);
  EXPECT_EQ(pairs[1].first, 0);
  EXPECT_EQ(pairs[1].second, 3);
  cohort.modalities[0].table.row(3)[29] += 0.5F;
  EXPECT_EQ(identical_samples(cohort).size(), 1U);
}

TEST(IdenticalSamples, FewDifferentValuesRepeatByChance) {
  MultiOmics cohort = make_cohort(15);
  copy_row(cohort.modalities[0].table, 0, 2);
  EXPECT_TRUE(identical_samples(cohort).empty());
}

}  // namespace
}  // namespace cohesin
