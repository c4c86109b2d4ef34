#include "cohesin/models/encoders/enformer_step.h"

#include <torch/nn/module.h>

#include <algorithm>

#include "cohesin/nn/window_product.h"

namespace cohesin {
namespace {
constexpr int64_t kPiece = 2048;  // positions of one piece over all samples; even
}

EnformerStep::EnformerStep(int64_t in_width, int64_t out_width, int64_t kernel_size,
                           bool normalise) {
  if (normalise) norm_ = register_module("norm", std::make_shared<BatchNorm>(in_width));
  conv_ = register_module("conv", std::make_shared<Conv1d>(in_width, out_width, kernel_size));
  residual_norm_ = register_module("residual_norm", std::make_shared<BatchNorm>(out_width));
  residual_linear_ =
      register_module("residual_linear", std::make_shared<Linear>(out_width, out_width));
  pool_ = register_module("pool", std::make_shared<AttentionPool>(out_width));
}

at::Tensor EnformerStep::convolve(const at::Tensor& x_BLC) {
  const at::Tensor x = norm_ ? gelu(norm_->forward(x_BLC), Gelu::sigmoid) : x_BLC;
  if (at::GradMode::is_enabled()) return conv_->forward(x);
  return conv1d_by_windows(x, conv_->weight, conv_->bias).to(x_BLC.scalar_type());
}

at::Tensor EnformerStep::add_residual_and_pool(const at::Tensor& x_BLC) {
  const at::Tensor bent = gelu(residual_norm_->forward(x_BLC), Gelu::sigmoid);
  return pool_->forward(residual_linear_->forward(bent).to(x_BLC.scalar_type()).add_(x_BLC));
}

at::Tensor EnformerStep::forward(const at::Tensor& x_BLC) {
  if (at::GradMode::is_enabled() || residual_norm_->is_live())
    return add_residual_and_pool(convolve(x_BLC));
  const int64_t samples = x_BLC.size(0), length = x_BLC.size(1);
  const int64_t halo = conv_->weight.size(2) / 2;
  const int64_t step = std::max<int64_t>(kPiece / samples / 2 * 2, 2);
  at::Tensor pooled =
      at::empty({samples, (length + 1) / 2, conv_->weight.size(0)}, x_BLC.options());
  for (int64_t begin = 0; begin < length; begin += step) {
    const int64_t count = std::min(step, length - begin);
    // The convolution pads with zeros, which is right at the sequence's ends alone: elsewhere a
    // piece takes its neighbours in, and what they spoil is cut off.
    const int64_t from = std::max<int64_t>(begin - halo, 0);
    const int64_t to = std::min(begin + count + halo, length);
    const at::Tensor piece =
        convolve(x_BLC.narrow(1, from, to - from)).narrow(1, begin - from, count);
    pooled.narrow(1, begin / 2, (count + 1) / 2).copy_(add_residual_and_pool(piece));
  }
  return pooled;
}

}  // namespace cohesin
