#include "cohesin/nn/transformer.h"

#include <torch/nn/module.h>

#include <algorithm>

namespace cohesin {

TransformerLayer::TransformerLayer(const TransformerConfig& config)
    : feed_forward_(config.feed_forward) {
  const int64_t width = config.attention.embed_dim, ffn = config.ffn_embed_dim;
  const int64_t up_width = config.feed_forward == FeedForward::gated_silu ? 2 * ffn : ffn;
  attention_norm_ =
      register_module("attention_norm", std::make_shared<LayerNorm>(width, config.layer_norm_eps));
  attention_ = register_module("attention", std::make_shared<Attention>(config.attention));
  ffn_norm_ =
      register_module("ffn_norm", std::make_shared<LayerNorm>(width, config.layer_norm_eps));
  up_ = register_module("ffn_up", std::make_shared<Linear>(width, up_width, config.ffn_bias));
  down_ = register_module("ffn_down", std::make_shared<Linear>(ffn, width, config.ffn_bias));
}

at::Tensor TransformerLayer::forward(at::Tensor x_BLD, at::Tensor* attention_map,
                                     const AttentionContext& context) const {
  x_BLD = x_BLD + attention_->forward(attention_norm_->forward(x_BLD), attention_map, context);
  at::Tensor hidden = up_->forward(ffn_norm_->forward(x_BLD));
  if (feed_forward_ == FeedForward::gated_silu) {
    const auto halves = hidden.chunk(2, -1);
    const at::Tensor gate = at::silu(halves[0]);
    hidden = at::GradMode::is_enabled() ? gate * halves[1] : gate.mul_(halves[1]);
  } else {
    hidden = gelu(hidden, Gelu::erf);
  }
  return x_BLD + down_->forward(hidden);
}

Linear& TransformerLayer::linear(const std::string& name) {
  if (name == "ffn_up") return *up_;
  if (name == "ffn_down") return *down_;
  return attention_->projection(name);
}

int64_t LayerTaps::last_layer() const {
  int64_t last = 0;
  if (!embeddings.empty()) last = std::max(last, *embeddings.rbegin());
  if (!attention_maps.empty()) last = std::max(last, *attention_maps.rbegin());
  return last;
}

Transformer::Transformer(const TransformerConfig& config) {
  for (int64_t i = 0; i < config.num_layers; ++i) {
    layers_.push_back(
        register_module(std::to_string(i), std::make_shared<TransformerLayer>(config)));
  }
}

at::Tensor Transformer::forward(at::Tensor x_BLD, const LayerTaps& taps, NamedTensors& tapped,
                                int64_t num_layers) const {
  const int64_t end = num_layers < 0 ? static_cast<int64_t>(layers_.size()) : num_layers;
  for (int64_t k = 1; k <= end; ++k) {
    at::Tensor map;
    const bool want_map = taps.attention_maps.count(k) != 0;
    x_BLD = layers_[k - 1]->forward(x_BLD, want_map ? &map : nullptr);
    if (want_map) tapped["attention_map_layer_" + std::to_string(k)] = map;
    if (taps.embeddings.count(k) != 0) tapped["embeddings_" + std::to_string(k)] = x_BLD;
  }
  return x_BLD;
}

}  // namespace cohesin
