#include "cohesin/nn/layers.h"

#include <torch/nn/module.h>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"
#include "cohesin/nn/window_product.h"

namespace cohesin {

Linear::Linear(int64_t in_width, int64_t out_width, bool with_bias) {
  weight = register_parameter("weight", torch::zeros({out_width, in_width}));
  if (with_bias) bias = register_parameter("bias", torch::zeros({out_width}));
}

at::Tensor Linear::forward(const at::Tensor& given) const {
  const bool is_half = weight.scalar_type() == at::kBFloat16;
  const at::Tensor x = is_half ? given.to(at::kBFloat16) : given;
  at::Tensor y = at::linear(input_scale_.defined() ? x * input_scale_.flatten() : x, weight, bias);
  if (lora_a_.defined()) {
    const at::Tensor x_dropped =
        low_rank_.dropout > 0 ? at::dropout(x, low_rank_.dropout, is_training()) : x;
    y = y + at::linear(at::linear(x_dropped, lora_a_), lora_b_) * low_rank_.factor;
  }
  return output_scale_.defined() ? y * output_scale_.flatten() : y;
}

void Linear::add_input_scale(at::IntArrayRef shape) {
  input_scale_ = register_parameter("input_scale", torch::ones(shape, weight.options()));
}

void Linear::add_output_scale(at::IntArrayRef shape) {
  output_scale_ = register_parameter("output_scale", torch::ones(shape, weight.options()));
}

at::Tensor Linear::add_low_rank(const LowRank& low_rank) {
  low_rank_ = low_rank;
  const auto options = weight.options().requires_grad(false);
  lora_a_ = register_parameter("lora_a", torch::zeros({low_rank.rank, weight.size(1)}, options));
  lora_b_ = register_parameter("lora_b", torch::zeros({weight.size(0), low_rank.rank}, options));
  return lora_a_;
}

void ProductLayer::use_bfloat16() {
  const torch::NoGradGuard no_grad;
  for (auto& parameter : parameters(/*recurse=*/false))
    parameter.set_data(parameter.to(at::kBFloat16));
}

void use_bfloat16_products(torch::nn::Module& module) {
  for (const auto& part : module.modules()) {
    if (auto* layer = dynamic_cast<ProductLayer*>(part.get())) layer->use_bfloat16();
  }
}

LayerNorm::LayerNorm(int64_t width, double eps) : eps_(eps) {
  weight = register_parameter("weight", torch::ones({width}));
  bias = register_parameter("bias", torch::zeros({width}));
}

at::Tensor LayerNorm::forward(const at::Tensor& x) const {
  return at::layer_norm(x, weight.sizes(), weight, bias, eps_);
}

Embedding::Embedding(int64_t num_rows, int64_t width) {
  weight = register_parameter("weight", torch::zeros({num_rows, width}));
}

at::Tensor Embedding::forward(const at::Tensor& ids) {
  const int64_t num_rows = weight.size(0);
  const int64_t num_beyond = (ids >= num_rows).sum().item<int64_t>();
  if (num_beyond == 0) return at::embedding(weight, ids);
  if (!warned_) {
    log_warning("{} token ids at or above the {} rows of the embedding table read its last row",
                num_beyond, num_rows);
    warned_ = true;
  }
  const at::Tensor last_row = weight.detach().slice(0, num_rows - 1);
  return at::embedding(at::cat({weight, last_row}), ids.clamp_max(num_rows));
}

Conv1d::Conv1d(int64_t in_width, int64_t out_width, int64_t kernel_size) {
  weight = register_parameter("weight", torch::zeros({out_width, in_width, kernel_size}));
  bias = register_parameter("bias", torch::zeros({out_width}));
}

at::Tensor Conv1d::forward(const at::Tensor& x_BLD) const {
  if (prefers_windows(weight.size(1), weight.size(0)))
    return conv1d_by_windows(x_BLD, weight, bias);
  const int64_t padding = (weight.size(2) - 1) / 2;
  return at::conv1d(x_BLD.to(weight.scalar_type()).transpose(1, 2), weight, bias, 1, padding)
      .transpose(1, 2);
}

Gelu parse_gelu(const std::string& name) {
  if (name == "tanh") return Gelu::tanh;
  if (name == "erf") return Gelu::erf;
  throw Error("gelu: expected 'tanh' or 'erf', got '{}'", name);
}

at::Tensor gelu(const at::Tensor& x, Gelu kind) {
  constexpr double kSlope = 1.702;
  if (kind == Gelu::sigmoid) {
    // x sigmoid(kx) = silu(kx) / k, whose backward pass goes through memory less often.
    if (at::GradMode::is_enabled()) return at::silu(x * kSlope) * (1 / kSlope);
    return (x * kSlope).sigmoid_().mul_(x);
  }
  return at::gelu(x, kind == Gelu::tanh ? "tanh" : "none");
}

}  // namespace cohesin
