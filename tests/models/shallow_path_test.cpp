#include "cohesin/models/shallow_path.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

// Three samples: with both omics, with a alone, with b alone.
Batch make_batch() {
  Batch batch;
  batch.tensors["a.features"] = at::tensor({1.0F, 2.0F, 3.0F, 4.0F, 0.0F, 0.0F}).reshape({3, 2});
  batch.tensors["a.present"] = at::tensor({1.0F, 1.0F, 0.0F});
  batch.tensors["b.features"] = at::tensor({5.0F, 0.0F, 7.0F}).reshape({3, 1});
  batch.tensors["b.present"] = at::tensor({1.0F, 0.0F, 1.0F});
  return batch;
}

void fill(LinearPath& path) {
  const torch::NoGradGuard no_grad;
  double next = 1;
  for (auto& parameter : path.named_parameters()) parameter.value().fill_(next++);
}

TEST(LinearPath, AddsTheOmicsThatAreThere) {
  LinearPath path({{"a", 2}, {"b", 1}}, 1);
  fill(path);  // weight_a 1, weight_b 2, bias 3
  EXPECT_TRUE(
      at::allclose(path.forward(make_batch()).flatten(), at::tensor({16.0F, 10.0F, 17.0F})));
  EXPECT_DOUBLE_EQ(path.squared_weights().item<double>(), 1 + 1 + 4);
}

TEST(LinearPath, LoneOmicsHaveWeightsOfTheirOwn) {
  LinearPath path({{"a", 2}, {"b", 1}}, 1, /*alone=*/true);
  fill(path);  // weight_a 1, alone weight_a 2, its bias 3, weight_b 4, alone weight_b 5, 6, bias 7
  EXPECT_TRUE(at::allclose(path.forward(make_batch()).flatten(),
                           at::tensor({3.0F + 20 + 7, 14.0F + 3, 35.0F + 6})));
  EXPECT_DOUBLE_EQ(path.squared_weights().item<double>(), 2 * 1 + 2 * 4 + 16 + 25);
  // A sample's loss reaches the weights that answer it, and no others.
  path.forward(make_batch()).select(0, 1).sum().backward();
  for (const auto& parameter : path.named_parameters()) {
    const bool answers = parameter.key() == "alone_weight_a" || parameter.key() == "alone_bias_a";
    const at::Tensor& gradient = parameter.value().grad();
    EXPECT_EQ(gradient.defined() && gradient.any().item<bool>(), answers) << parameter.key();
  }
}

}  // namespace
}  // namespace cohesin
