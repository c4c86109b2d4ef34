#include "cohesin/nn/batch_norm.h"

#include <ATen/ATen.h>

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

// Four values a channel: 0, 2, 4, 6 and ten more.
at::Tensor values() {
  const at::Tensor first = at::tensor({0.0F, 2.0F, 4.0F, 6.0F}).view({2, 2});
  return at::stack({first, first + 10.0F}, 2);
}

TEST(BatchNorm, TrainsOnTheBatchAndStoresTheUnbiasedVariance) {
  BatchNorm norm(2);
  const at::Tensor y = norm.forward(values());
  EXPECT_NEAR(y[0][0][0].item<double>(), -3.0 / std::sqrt(5.0 + 1e-5), 1e-6);
  EXPECT_NEAR(y[1][1][1].item<double>(), 3.0 / std::sqrt(5.0 + 1e-5), 1e-6);
  EXPECT_NEAR(norm.running_mean[1].item<double>(), 0.1 * 13.0, 1e-6);
  EXPECT_NEAR(norm.running_var[0].item<double>(), 0.9 + 0.1 * 20.0 / 3.0, 1e-6);
  EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 1);
}

TEST(BatchNorm, StoredStatisticsCountInEvaluationAndWhenFrozen) {
  BatchNorm norm(2);
  const at::Tensor expected = values() / std::sqrt(1.0 + 1e-5);
  norm.freeze(true);
  EXPECT_TRUE(at::allclose(norm.forward(values()), expected));
  norm.freeze(false);
  norm.eval();
  EXPECT_TRUE(at::allclose(norm.forward(values()), expected));
  EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 0);
}

TEST(BatchNorm, RefusesToTrainOnOneValue) {
  BatchNorm norm(2);
  EXPECT_ERROR(norm.forward(at::zeros({1, 1, 2})), "needs two values a channel");
}

}  // namespace
}  // namespace cohesin
