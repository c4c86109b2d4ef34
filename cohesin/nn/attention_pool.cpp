#include "cohesin/nn/attention_pool.h"

#include <torch/nn/module.h>

#include <vector>

namespace cohesin {

AttentionPool::AttentionPool(int64_t width) {
  weight = register_parameter("weight", torch::zeros({width, width}));
}

at::Tensor AttentionPool::forward(const at::Tensor& x_BLC) const {
  const int64_t length = x_BLC.size(1), num_pairs = length / 2;
  const at::Tensor pairs = x_BLC.narrow(1, 0, 2 * num_pairs).unflatten(1, {num_pairs, 2});
  const std::vector<at::Tensor> halves = pairs.unbind(2);  // one gradient, not two to add up
  const at::Tensor &x0 = halves[0], &x1 = halves[1];
  // The softmax over two logits is the sigmoid of their difference, and W x0 - W x1 is one product.
  const at::Tensor logits = at::linear((x0 - x1).to(weight.scalar_type()), weight);
  const at::Tensor share_of_x0 = at::sigmoid(logits.to(x0.scalar_type()));
  const at::Tensor pooled = at::lerp(x1, x0, share_of_x0);
  if (length % 2 == 0) return pooled;
  return at::cat({pooled, x_BLC.narrow(1, length - 1, 1)}, 1);
}

}  // namespace cohesin
