#include "cohesin/models/fusion/conv_tower.h"

#include <torch/nn/module.h>

#include <string>

#include "cohesin/nn/window_product.h"

namespace cohesin {
namespace {
constexpr int64_t kTowerKernel = 5;
}

ConvBlock::ConvBlock(int64_t in_width, int64_t out_width, int64_t kernel_size, Gelu activation)
    : activation_(activation) {
  norm_ = register_module("norm", std::make_shared<LayerNorm>(in_width));
  conv_ = register_module("conv", std::make_shared<Conv1d>(in_width, out_width, kernel_size));
}

at::Tensor ConvBlock::forward(const at::Tensor& x_BLC) const {
  return gelu(conv_->forward(norm_->forward(x_BLC)), activation_);
}

PointwiseResidual::PointwiseResidual(int64_t width, Gelu activation) : activation_(activation) {
  norm_ = register_module("norm", std::make_shared<LayerNorm>(width));
  linear_ = register_module("linear", std::make_shared<Linear>(width, width));
}

at::Tensor PointwiseResidual::forward(const at::Tensor& x_BLC) const {
  return x_BLC + gelu(linear_->forward(norm_->forward(x_BLC)), activation_);
}

DeconvBlock::DeconvBlock(int64_t in_width, int64_t out_width, Gelu activation)
    : activation_(activation) {
  norm_ = register_module("norm", std::make_shared<LayerNorm>(in_width));
  weight_ = register_parameter("weight", torch::zeros({in_width, out_width, kTowerKernel}));
  bias_ = register_parameter("bias", torch::zeros({out_width}));
}

at::Tensor DeconvBlock::forward(const at::Tensor& x_BLC) const {
  return gelu(deconv_by_windows(norm_->forward(x_BLC), weight_, bias_), activation_);
}

at::Tensor average_pairs(const at::Tensor& x_BLC) {
  const int64_t num_pairs = x_BLC.size(1) / 2;
  const at::Tensor pairs = x_BLC.narrow(1, 0, 2 * num_pairs).unflatten(1, {num_pairs, 2});
  const at::Tensor means = (pairs.select(2, 0) + pairs.select(2, 1)) * 0.5;
  if (x_BLC.size(1) % 2 == 0) return means;
  return at::cat({means, x_BLC.narrow(1, x_BLC.size(1) - 1, 1)}, 1);
}

ConvTower::ConvTower(const std::vector<int64_t>& widths, Gelu activation) {
  for (size_t i = 0; i + 1 < widths.size(); ++i) {
    const std::string step = std::to_string(i);
    convs_.push_back(register_module(
        "conv_" + step,
        std::make_shared<ConvBlock>(widths[i], widths[i + 1], kTowerKernel, activation)));
    residuals_.push_back(register_module(
        "residual_" + step, std::make_shared<PointwiseResidual>(widths[i + 1], activation)));
  }
}

std::pair<at::Tensor, std::vector<at::Tensor>> ConvTower::forward(at::Tensor x_BLC) const {
  std::vector<at::Tensor> inputs;
  for (size_t i = 0; i < convs_.size(); ++i) {
    inputs.push_back(x_BLC);
    x_BLC = average_pairs(residuals_[i]->forward(convs_[i]->forward(x_BLC)));
  }
  return {x_BLC, inputs};
}

DeconvTower::DeconvTower(const std::vector<int64_t>& widths, Gelu activation) {
  for (size_t i = 0; i + 1 < widths.size(); ++i) {
    const std::string step = std::to_string(i);
    const int64_t in_width = widths[widths.size() - 1 - i];
    const int64_t out_width = widths[widths.size() - 2 - i];
    deconvs_.push_back(register_module(
        "deconv_" + step, std::make_shared<DeconvBlock>(in_width, out_width, activation)));
    residuals_.push_back(register_module(
        "residual_" + step, std::make_shared<PointwiseResidual>(out_width, activation)));
  }
}

at::Tensor DeconvTower::forward(at::Tensor x_BLC, const std::vector<at::Tensor>& skips) const {
  for (size_t i = 0; i < deconvs_.size(); ++i) {
    x_BLC = residuals_[i]->forward(deconvs_[i]->forward(x_BLC));
    if (!skips.empty()) x_BLC = x_BLC + skips[skips.size() - 1 - i];
  }
  return x_BLC;
}

}  // namespace cohesin
