#pragma once

#include <cstdint>
#include <memory>

#include "cohesin/nn/attention_pool.h"
#include "cohesin/nn/batch_norm.h"
#include "cohesin/nn/layers.h"

namespace cohesin {

// One step of Enformer's convolutions, layout [B,L,C]: convolution, residual block of kernel 1,
// pooling of neighbours. All but the stem normalise and bend what goes into the convolution.
class EnformerStep : public torch::nn::Module {
 public:
  EnformerStep(int64_t in_width, int64_t out_width, int64_t kernel_size, bool normalise);

  // [B,L,in] -> [B,ceil(L/2),out]. Without gradient and live statistics it goes through the length
  // in pieces, so that nothing of the full length is held but input and output.
  at::Tensor forward(const at::Tensor& x_BLC);
  // The convolution alone, [B,L,in] -> [B,L,out].
  at::Tensor convolve(const at::Tensor& x_BLC);

 private:
  at::Tensor add_residual_and_pool(const at::Tensor& x_BLC);

  std::shared_ptr<BatchNorm> norm_;  // null in the stem
  std::shared_ptr<Conv1d> conv_;
  std::shared_ptr<BatchNorm> residual_norm_;
  std::shared_ptr<Linear> residual_linear_;
  std::shared_ptr<AttentionPool> pool_;
};

}  // namespace cohesin
