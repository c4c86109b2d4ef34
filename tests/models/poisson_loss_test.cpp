#include "cohesin/models/poisson_loss.h"

#include <ATen/ATen.h>

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(PoissonLoss, IsTheMeanOverAllValues) {
  const at::Tensor predicted = at::tensor({1.0F, 2.0F, 0.5F, 4.0F}).view({1, 2, 2});
  const at::Tensor target = at::tensor({0.0F, 3.0F, 1.0F, 2.0F}).view({1, 2, 2});
  const double expected =
      (1 + (2 - 3 * std::log(2.0)) + (0.5 - std::log(0.5)) + (4 - 2 * std::log(4.0))) / 4;
  EXPECT_NEAR(poisson_loss(predicted, target).item<double>(), expected, 1e-6);
}

TEST(PoissonLoss, TracksCountByTheirWeight) {
  const at::Tensor predicted = at::tensor({1.0F, 2.0F, 3.0F, 4.0F}).view({1, 2, 2});
  const at::Tensor target = at::zeros({1, 2, 2});
  EXPECT_FLOAT_EQ(poisson_loss(predicted, target, at::tensor({2.0F, 0.0F})).item<float>(), 2.0F);
}

TEST(PoissonLoss, StaysFiniteAtZero) {
  EXPECT_TRUE(
      std::isfinite(poisson_loss(at::zeros({1, 1, 1}), at::ones({1, 1, 1})).item<double>()));
}

}  // namespace
}  // namespace cohesin
