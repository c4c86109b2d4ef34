#include "cohesin/models/masked_lm_loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace cohesin {
namespace {

// Two classes; the loss of label 0 at logit difference d is log(1 + exp(-d)).
MaskedLmTarget target(const std::vector<double>& differences, const std::vector<int64_t>& labels) {
  const auto length = static_cast<int64_t>(labels.size());
  const at::Tensor d = at::tensor(differences, at::kFloat).view({1, length});
  return {at::stack({d, at::zeros_like(d)}, -1), at::tensor(labels, at::kLong).view({1, length})};
}

double loss_at(double difference) { return std::log1p(std::exp(-difference)); }

TEST(MaskedLmLoss, OneMeanOverAllOmicsOrTheSumOfEach) {
  const std::vector<MaskedLmTarget> omics = {target({1.0, 9.0, 2.0}, {0, kNoLabel, 0}),
                                             target({-1.0}, {0})};
  const double together = (loss_at(1.0) + loss_at(2.0) + loss_at(-1.0)) / 3.0;
  const double each = (loss_at(1.0) + loss_at(2.0)) / 2.0 + loss_at(-1.0);
  EXPECT_NEAR(masked_lm_loss(omics, OmicsMean::together).item<double>(), together, 1e-6);
  EXPECT_NEAR(masked_lm_loss(omics, OmicsMean::each).item<double>(), each, 1e-6);
}

TEST(MaskedLmLoss, AnOmicWithoutSelectedPositionsContributesNothing) {
  const MaskedLmTarget none = target({5.0}, {kNoLabel}), some = target({1.0}, {0});
  EXPECT_NEAR(masked_lm_loss({none, some}, OmicsMean::each).item<double>(), loss_at(1.0), 1e-6);
  EXPECT_EQ(masked_lm_loss({none}, OmicsMean::together).item<double>(), 0.0);
  EXPECT_EQ(masked_lm_loss({none}, OmicsMean::each).item<double>(), 0.0);
}

}  // namespace
}  // namespace cohesin
