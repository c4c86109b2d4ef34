#include "cohesin/nn/attention.h"

#include <torch/nn/module.h>

#include <cassert>
#include <cmath>
#include <optional>

#include "cohesin/base/error.h"
#include "cohesin/ops/packed_attention.h"

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

at::Tensor Attention::forward_packed(const at::Tensor& x_1ND,
                                     const AttentionContext& context) const {
  at::Tensor x_ND = x_1ND.squeeze(0);
  if (query_->weight.scalar_type() == at::kBFloat16) x_ND = x_ND.to(at::kBFloat16);  // once for all
  const at::Tensor q_ND = query_->forward(x_ND), k_ND = key_->forward(x_ND);
  const at::Tensor v_ND = value_->forward(x_ND);
  const PackedAttention how{context.lengths, config_.num_heads, context.rotary.cos,
                            context.rotary.sin};
  const bool is_fast =
      !at::GradMode::is_enabled() && has_fast_packed_attention(q_ND, config_.key_size);
  const at::Tensor y_ND =
      is_fast ? attend_packed_fast(q_ND, k_ND, v_ND, how) : attend_packed(q_ND, k_ND, v_ND, how);
  return output_->forward(y_ND).unsqueeze(0);
}

at::Tensor Attention::forward(const at::Tensor& x_BLD, at::Tensor* attention_map,
                              const AttentionContext& context) const {
  if (!context.lengths.empty()) {
    assert(attention_map == nullptr && !context.key_mask_BL.defined());
    return forward_packed(x_BLD, context);
  }
  at::Tensor q_BHLK = split_heads(query_->forward(x_BLD));
  at::Tensor k_BHLK = split_heads(key_->forward(x_BLD));
  const at::Tensor v_BHLK = split_heads(value_->forward(x_BLD));
  if (context.rotary.defined()) {
    q_BHLK = rotate(q_BHLK, context.rotary);
    k_BHLK = rotate(k_BHLK, context.rotary);
  } else if (config_.rotary) {
    q_BHLK = apply_rotary(q_BHLK);
    k_BHLK = apply_rotary(k_BHLK);
  }
  at::Tensor mask_B11L;
  if (context.key_mask_BL.defined()) mask_B11L = context.key_mask_BL.unsqueeze(1).unsqueeze(1);
  at::Tensor y_BHLK;
  if (attention_map != nullptr) {
    const double scale = 1.0 / std::sqrt(static_cast<double>(config_.key_size));
    at::Tensor scores_BHLL = at::matmul(q_BHLK * scale, k_BHLK.transpose(2, 3));
    if (mask_B11L.defined()) scores_BHLL = scores_BHLL.masked_fill(mask_B11L.logical_not(), -1e30);
    *attention_map = at::softmax(scores_BHLL, -1, at::kFloat);
    y_BHLK = at::matmul(attention_map->to(v_BHLK.scalar_type()), v_BHLK);
  } else {
    std::optional<at::Tensor> mask;
    if (mask_B11L.defined()) mask = mask_B11L;
    y_BHLK = at::scaled_dot_product_attention(q_BHLK, k_BHLK, v_BHLK, mask);
  }
  return output_->forward(y_BHLK.transpose(1, 2).flatten(2));
}

}  // namespace cohesin
