#pragma once

#include <torch/nn/module.h>

#include <cstdint>

namespace cohesin {

// Batch norm over the last axis of [...,C], as PyTorch's: eps 1e-5, momentum 0.1. In evaluation, or
// when frozen, the stored statistics count. In training those of the batch: normalised with the
// biased variance, the unbiased one is stored.
class BatchNorm : public torch::nn::Module {
 public:
  explicit BatchNorm(int64_t width);
  at::Tensor forward(const at::Tensor& x);  // throws Error for live statistics over one value

  void freeze(bool frozen) { frozen_ = frozen; }
  bool is_live() const { return is_training() && !frozen_; }

  at::Tensor weight, bias;               // [C]
  at::Tensor running_mean, running_var;  // [C], buffers
  at::Tensor num_batches_tracked;        // [] int64, buffer

 private:
  bool frozen_ = false;
};

// Freezes, or lets live, the statistics of every BatchNorm inside `module`.
void freeze_batch_norms(torch::nn::Module& module, bool frozen);

}  // namespace cohesin
