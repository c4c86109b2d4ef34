#include "cohesin/nn/attention.h"

#include <torch/nn/module.h>

#include <cmath>

#include "cohesin/base/error.h"

namespace cohesin {

Attention::Attention(const AttentionConfig& config) : config_(config) {
  if (config.rotary && config.key_size % 2 != 0) {
    throw Error("key_size: a rotary embedding needs an even width of a head, got {}",
                config.key_size);
  }
  const int64_t inner = config.num_heads * config.key_size;
  query_ = register_module("query", std::make_shared<Linear>(config.embed_dim, inner));
  key_ = register_module("key", std::make_shared<Linear>(config.embed_dim, inner));
  value_ = register_module("value", std::make_shared<Linear>(config.embed_dim, inner));
  output_ = register_module("output", std::make_shared<Linear>(inner, config.embed_dim));
}

Linear& Attention::projection(const std::string& name) {
  if (name == "query") return *query_;
  if (name == "key") return *key_;
  if (name == "value") return *value_;
  if (name == "output") return *output_;
  throw Error("attention has no projection '{}'", name);
}

at::Tensor Attention::split_heads(const at::Tensor& x_BLD) const {
  return x_BLD.view({x_BLD.size(0), x_BLD.size(1), config_.num_heads, config_.key_size})
      .transpose(1, 2);
}

at::Tensor Attention::forward(const at::Tensor& x_BLD, at::Tensor* attention_map) const {
  at::Tensor q_BHLK = split_heads(query_->forward(x_BLD));
  at::Tensor k_BHLK = split_heads(key_->forward(x_BLD));
  const at::Tensor v_BHLK = split_heads(value_->forward(x_BLD));
  if (config_.rotary) {
    q_BHLK = apply_rotary(q_BHLK);
    k_BHLK = apply_rotary(k_BHLK);
  }
  at::Tensor y_BHLK;
  if (attention_map != nullptr) {
    const double scale = 1.0 / std::sqrt(static_cast<double>(config_.key_size));
    *attention_map = at::softmax(at::matmul(q_BHLK * scale, k_BHLK.transpose(2, 3)), -1);
    y_BHLK = at::matmul(*attention_map, v_BHLK);
  } else {
    y_BHLK = at::scaled_dot_product_attention(q_BHLK, k_BHLK, v_BHLK);
  }
  return output_->forward(y_BHLK.transpose(1, 2).flatten(2));
}

at::Tensor apply_rotary(const at::Tensor& x_LK) {
  const int64_t length = x_LK.size(-2), half = x_LK.size(-1) / 2;
  const auto in_double = at::TensorOptions().dtype(at::kDouble).device(x_LK.device());
  const at::Tensor frequency = at::pow(10000.0, at::arange(half, in_double) / -double(half));
  const at::Tensor angle_LK = at::outer(at::arange(length, in_double), frequency);
  const at::Tensor cos_LK = at::cos(angle_LK).to(x_LK.scalar_type());
  const at::Tensor sin_LK = at::sin(angle_LK).to(x_LK.scalar_type());
  const at::Tensor first = x_LK.narrow(-1, 0, half), second = x_LK.narrow(-1, half, half);
  return at::cat({first * cos_LK - second * sin_LK, second * cos_LK + first * sin_LK}, -1);
}

}  // namespace cohesin
