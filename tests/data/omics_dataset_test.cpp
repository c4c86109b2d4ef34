#include "cohesin/data/omics_dataset.h"

#include <torch/nn/module.h>

#include "tests/data/cohort_fixture.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::all_samples;
using testing::fit_encoder;
using testing::make_cohort;

constexpr int64_t kBins = 8, kPad = 8, kMask = 9;

OmicsDataset dataset_of(const std::shared_ptr<const MultiOmics>& cohort, const std::string& edges,
                        int64_t length) {
  BatchContent content;
  content.values = content.features = true;
  return OmicsDataset(cohort, fit_encoder(*cohort, edges, all_samples(*cohort)), length, content);
}

TEST(OmicsDataset, AbsentModalityIsAllMaskAndPadsStandAtTheEnd) {
  const auto cohort = make_cohort(6, 10);
  const Batch batch = dataset_of(cohort, "quantile", 12).batch({1, 2});
  const at::Tensor tokens = batch.at("methylation.tokens");
  EXPECT_TRUE(tokens[0].narrow(0, 0, 10).eq(kMask).all().item<bool>());
  EXPECT_TRUE(tokens.narrow(1, 10, 2).eq(kPad).all().item<bool>());
  EXPECT_TRUE(tokens[1].narrow(0, 0, 10).lt(kBins).all().item<bool>());
  EXPECT_EQ(batch.at("methylation.present")[0].item<float>(), 0);
  EXPECT_EQ(batch.at("methylation.present")[1].item<float>(), 1);
  EXPECT_TRUE(batch.at("methylation.hidden")[0].narrow(0, 0, 10).all().item<bool>());
}

TEST(OmicsDataset, HidingAModalityEqualsItsAbsence) {
  const auto cohort = make_cohort(6, 10);
  const OmicsDataset dataset = dataset_of(cohort, "continuous", 12);
  const Batch hidden = dataset.batch({2}, {dataset.bit_of("methylation")});
  const Batch absent = dataset.batch({1});
  for (const std::string kind : {"tokens", "values", "hidden", "features", "present"})
    EXPECT_TRUE(at::equal(hidden.at("methylation." + kind), absent.at("methylation." + kind)))
        << kind;
}

TEST(OmicsDataset, EncodesASampleAlikeInAnyBatch) {
  const auto cohort = make_cohort(30, 10);
  const OmicsDataset dataset = dataset_of(cohort, "continuous", 12);
  const Batch all = dataset.batch(all_samples(*cohort));
  const Batch one = dataset.batch({17});
  for (const auto& [name, tensor] : one.tensors)
    EXPECT_TRUE(at::equal(all.at(name)[17], tensor[0])) << name;
}

TEST(OmicsDataset, UnmeasuredValueIsHiddenAndItsScaledValueZero) {
  auto cohort = std::make_shared<MultiOmics>(*make_cohort(6, 10));
  cohort->modalities[0].table.row(3)[4] = kNotMeasured;
  const Batch batch = dataset_of(cohort, "continuous", 12).batch({3});
  EXPECT_EQ(batch.at("rnaseq.tokens")[0][4].item<int64_t>(), kMask);
  EXPECT_TRUE(batch.at("rnaseq.hidden")[0][4].item<bool>());
  EXPECT_EQ(batch.at("rnaseq.features")[0][4].item<float>(), 0);
}

TEST(OmicsDataset, RefusesAnotherUnit) {
  const auto cohort = make_cohort(6, 10);
  const auto encoder = fit_encoder(*cohort, "linear", all_samples(*cohort));
  auto other = std::make_shared<MultiOmics>(*cohort);
  other->modalities[0].unit = Unit::kLogRatio;
  EXPECT_ERROR(OmicsDataset(other, encoder, 12, {}), "log_ratio");
}

TEST(OmicsDataset, UnknownModalityIsNamed) {
  const auto cohort = make_cohort(6, 10);
  EXPECT_ERROR(dataset_of(cohort, "quantile", 12).bit_of("mirna"),
               "no modality 'mirna' in the model; it has: rnaseq, methylation");
}

}  // namespace
}  // namespace cohesin
