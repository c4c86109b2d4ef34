#include "cohesin/data/masking.h"

#include <torch/nn/module.h>

#include "tests/data/cohort_fixture.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::all_samples;
using testing::fit_encoder;
using testing::make_cohort;

OmicsDataset make_dataset(const std::shared_ptr<const MultiOmics>& cohort) {
  BatchContent content;
  content.values = true;
  return OmicsDataset(cohort, fit_encoder(*cohort, "continuous", all_samples(*cohort)), 512,
                      content);
}

TEST(Masking, SelectsTheStatedShareAndHidesMostOfIt) {
  const auto cohort = make_cohort(40, 500);
  const OmicsDataset dataset = make_dataset(cohort);
  const auto samples = all_samples(*cohort);
  const Batch before = dataset.batch(samples);
  Batch batch = dataset.batch(samples);
  const NamedTensors labels = mask_batch(batch, dataset, samples, {}, 7, 1);
  const at::Tensor selected = labels.at("rnaseq.labels") >= 0;
  const double num_selected = selected.sum().item<double>();
  EXPECT_NEAR(num_selected / (40 * 500), 0.15, 0.01);
  const at::Tensor tokens = batch.at("rnaseq.tokens");
  const at::Tensor hidden = tokens.eq(9).logical_and(selected);
  EXPECT_NEAR(hidden.sum().item<double>() / num_selected, 0.8, 0.02);
  EXPECT_TRUE(at::equal(batch.at("rnaseq.hidden"), tokens == 9));
  EXPECT_TRUE(at::equal(labels.at("rnaseq.labels").masked_select(selected),
                        before.at("rnaseq.tokens").masked_select(selected)));
  const at::Tensor untouched = selected.logical_not();
  EXPECT_TRUE(at::equal(tokens.masked_select(untouched),
                        before.at("rnaseq.tokens").masked_select(untouched)));
}

TEST(Masking, NeverSelectsPadsOrAnAbsentModality) {
  const auto cohort = make_cohort(4, 500);
  const OmicsDataset dataset = make_dataset(cohort);
  Batch batch = dataset.batch({1});
  const NamedTensors labels = mask_batch(batch, dataset, {1}, {1.0, 0.8, 0.1}, 7, 1);
  EXPECT_TRUE(labels.at("methylation.labels").eq(-100).all().item<bool>());
  EXPECT_TRUE(labels.at("rnaseq.labels").narrow(1, 500, 12).eq(-100).all().item<bool>());
  EXPECT_TRUE(labels.at("rnaseq.labels").narrow(1, 0, 500).ge(0).all().item<bool>());
}

TEST(Masking, DependsOnSeedEpochAndSampleAlone) {
  const auto cohort = make_cohort(10, 100);
  const OmicsDataset dataset = make_dataset(cohort);
  const auto labels_of = [&](const std::vector<int64_t>& samples, uint64_t seed, uint64_t epoch) {
    Batch batch = dataset.batch(samples);
    return mask_batch(batch, dataset, samples, {}, seed, epoch).at("rnaseq.labels");
  };
  EXPECT_TRUE(at::equal(labels_of({2, 5, 7}, 1, 3)[1], labels_of({5}, 1, 3)[0]));
  EXPECT_FALSE(at::equal(labels_of({5}, 1, 3), labels_of({5}, 1, 4)));
  EXPECT_FALSE(at::equal(labels_of({5}, 1, 3), labels_of({5}, 2, 3)));
}

TEST(Masking, OmicsAreMaskedIndependently) {
  const auto cohort = make_cohort(4, 500);
  const OmicsDataset dataset = make_dataset(cohort);
  Batch batch = dataset.batch({0});
  const NamedTensors labels = mask_batch(batch, dataset, {0}, {}, 7, 1);
  EXPECT_FALSE(at::equal(labels.at("rnaseq.labels") >= 0, labels.at("methylation.labels") >= 0));
}

}  // namespace
}  // namespace cohesin
