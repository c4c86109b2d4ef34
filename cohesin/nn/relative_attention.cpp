#include "cohesin/nn/relative_attention.h"

#include <torch/nn/module.h>

#include <cassert>
#include <cmath>
#include <vector>

namespace cohesin {

RelativeAttention::RelativeAttention(const RelativeAttentionConfig& config) : config_(config) {
  const int64_t keys = config.num_heads * config.key_width;
  const int64_t values = config.num_heads * config.value_width;
  const auto without_bias = [](int64_t in, int64_t out) {
    return std::make_shared<Linear>(in, out, /*with_bias=*/false);
  };
  query_ = register_module("query", without_bias(config.width, keys));
  key_ = register_module("key", without_bias(config.width, keys));
  value_ = register_module("value", without_bias(config.width, values));
  output_ = register_module("output", std::make_shared<Linear>(values, config.width));
  relative_key_ = register_module("relative_key", without_bias(config.num_features, keys));
  const std::vector<int64_t> shape{config.num_heads, config.key_width};
  content_bias_ = register_parameter("content_bias", torch::zeros(shape));
  position_bias_ = register_parameter("position_bias", torch::zeros(shape));
}

Linear& RelativeAttention::projection(const std::string& name) {
  if (name == "query") return *query_;
  if (name == "key") return *key_;
  if (name == "value") return *value_;
  assert(name == "output");
  return *output_;
}

at::Tensor RelativeAttention::split_heads(const at::Tensor& x_BLD) const {
  return x_BLD.to(content_bias_.scalar_type())
      .unflatten(2, {config_.num_heads, -1})
      .transpose(1, 2);
}

at::Tensor RelativeAttention::forward(const at::Tensor& x_BLD,
                                      const at::Tensor& features_PF) const {
  const double scale = 1.0 / std::sqrt(static_cast<double>(config_.key_width));
  const at::Tensor q_BHLK = split_heads(query_->forward(x_BLD)) * scale;
  const at::Tensor k_BHLK = split_heads(key_->forward(x_BLD));
  const at::Tensor v_BHLV = split_heads(value_->forward(x_BLD));
  const at::Tensor features = at::dropout(features_PF, config_.position_dropout, is_training());
  const at::Tensor r_HPK = split_heads(relative_key_->forward(features).unsqueeze(0))[0];
  std::vector<at::Tensor> samples;
  for (int64_t b = 0; b < x_BLD.size(0); ++b) {
    const at::Tensor q_HLK = q_BHLK[b];
    at::Tensor logits_HLL = at::matmul(q_HLK + content_bias_.unsqueeze(1), k_BHLK[b].mT());
    logits_HLL.add_(relative_shift(at::matmul(q_HLK + position_bias_.unsqueeze(1), r_HPK.mT())));
    logits_HLL = at::softmax(logits_HLL, -1);
    logits_HLL = at::dropout(logits_HLL, config_.attention_dropout, is_training());
    samples.push_back(at::matmul(logits_HLL, v_BHLV[b]));
  }
  return output_->forward(at::stack(samples).transpose(1, 2).flatten(2));
}

at::Tensor relative_shift(const at::Tensor& x_HLP) {
  const at::Tensor x = x_HLP.contiguous();
  const int64_t heads = x.size(0), length = x.size(1), distances = x.size(2);
  assert(distances == 2 * length - 1);
  return x.as_strided({heads, length, length}, {length * distances, distances - 1, 1},
                      x.storage_offset() + length - 1);
}

}  // namespace cohesin
