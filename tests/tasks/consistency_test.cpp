#include "cohesin/tasks/consistency.h"

#include <torch/nn/module.h>

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(Consistency, InfonceIsTheCrossEntropyOfFindingOneself) {
  const at::Tensor all_BD = at::tensor({1.0, 0.0, 0.0, 2.0}, at::kDouble).reshape({2, 2});
  // Cosines: each is alike itself by 1 and its other by 0.
  const double expected = std::log(1 + std::exp(-1 / 0.5));
  EXPECT_NEAR(consistency_loss("infonce", all_BD, 3 * all_BD, 0.5).item<double>(), expected, 1e-12);
}

TEST(Consistency, EachLossIsLowestWhereTheEmbeddingsAgree) {
  const at::Tensor all_BD = at::randn({8, 5}), other_BD = at::randn({8, 5});
  for (const auto& name : consistency_names())
    EXPECT_LT(consistency_loss(name, all_BD, all_BD, 0.1).item<float>(),
              consistency_loss(name, all_BD, other_BD, 0.1).item<float>())
        << name;
  EXPECT_NEAR(consistency_loss("cosine", all_BD, all_BD, 0.1).item<float>(), 0, 1e-6);
  EXPECT_ERROR(consistency_loss("x", all_BD, all_BD, 0.1), "no consistency loss 'x'");
}

TEST(Consistency, AnEmbeddingOfZerosHasAGradient) {
  const at::Tensor all_BD = at::zeros({3, 4}).requires_grad_();
  consistency_loss("infonce", all_BD, at::randn({3, 4}), 0.1).backward();
  EXPECT_TRUE(at::isfinite(all_BD.grad()).all().item<bool>());
}

}  // namespace
}  // namespace cohesin
