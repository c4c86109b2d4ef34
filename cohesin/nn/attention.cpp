#include "cohesin/nn/attention.h"

#include <torch/nn/module.h>

#include <cassert>
#include <cmath>
#include <optional>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

// Each sequence of a packed row by itself: [1,H,sum,K] -> [1,H,sum,K].
at::Tensor attend_packed(const at::Tensor& q_BHLK, const at::Tensor& k_BHLK,
                         const at::Tensor& v_BHLK, const std::vector<int64_t>& lengths) {
  std::vector<at::Tensor> parts;
  int64_t begin = 0;
  for (const int64_t length : lengths) {
    const auto part = [begin, length](const at::Tensor& x) { return x.narrow(2, begin, length); };
    parts.push_back(at::scaled_dot_product_attention(part(q_BHLK), part(k_BHLK), part(v_BHLK)));
    begin += length;
  }
  return at::cat(parts, 2);
}

}  // namespace

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

at::Tensor Attention::forward(const at::Tensor& x_BLD, at::Tensor* attention_map,
                              const AttentionContext& context) const {
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
  if (!context.lengths.empty()) {
    assert(attention_map == nullptr && !mask_B11L.defined());
    y_BHLK = attend_packed(q_BHLK, k_BHLK, v_BHLK, context.lengths);
  } else if (attention_map != nullptr) {
    const double scale = 1.0 / std::sqrt(static_cast<double>(config_.key_size));
    at::Tensor scores_BHLL = at::matmul(q_BHLK * scale, k_BHLK.transpose(2, 3));
    if (mask_B11L.defined()) scores_BHLL = scores_BHLL.masked_fill(mask_B11L.logical_not(), -1e30);
    *attention_map = at::softmax(scores_BHLL, -1);
    y_BHLK = at::matmul(*attention_map, v_BHLK);
  } else {
    std::optional<at::Tensor> mask;
    if (mask_B11L.defined()) mask = mask_B11L;
    y_BHLK = at::scaled_dot_product_attention(q_BHLK, k_BHLK, v_BHLK, mask);
  }
  return output_->forward(y_BHLK.transpose(1, 2).flatten(2));
}

}  // namespace cohesin
