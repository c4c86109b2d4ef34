#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cohesin/nn/adapted_layer.h"
#include "cohesin/nn/attention.h"
#include "cohesin/tensor/batch.h"

namespace cohesin {

// The middle of a feed-forward block: erf GELU, or silu(first half) * second half (SwiGLU).
enum class FeedForward { gelu, gated_silu };

struct TransformerConfig {
  int64_t num_layers = 0;
  AttentionConfig attention;
  int64_t ffn_embed_dim = 0;  // after the gate
  FeedForward feed_forward = FeedForward::gelu;
  bool ffn_bias = true;
  double layer_norm_eps = 1e-5;
};

// One pre-norm layer: x += attention(norm(x)); x += feed_forward(norm(x)).
class TransformerLayer : public torch::nn::Module, public AdaptedLayer {
 public:
  explicit TransformerLayer(const TransformerConfig& config);
  at::Tensor forward(at::Tensor x_BLD, at::Tensor* attention_map = nullptr,
                     const AttentionContext& context = {}) const;

  Linear& linear(const std::string& name) override;
  int64_t num_heads() const override { return attention_->config().num_heads; }

 private:
  FeedForward feed_forward_;
  std::shared_ptr<LayerNorm> attention_norm_, ffn_norm_;
  std::shared_ptr<Attention> attention_;
  std::shared_ptr<Linear> up_, down_;
};

// Which inner values the caller wants, by layer; layers count from 1.
struct LayerTaps {
  std::set<int64_t> embeddings;      // "embeddings_k" [B,L,D]
  std::set<int64_t> attention_maps;  // "attention_map_layer_k" [B,H,L,L]
  // The last layer that any tap needs, 0 without taps.
  int64_t last_layer() const;
};

// A stack of layers, with no norm after the last.
class Transformer : public torch::nn::Module {
 public:
  explicit Transformer(const TransformerConfig& config);
  // Runs the first `num_layers` layers (-1: all) and adds what `taps` asks for to `tapped`.
  at::Tensor forward(at::Tensor x_BLD, const LayerTaps& taps, NamedTensors& tapped,
                     int64_t num_layers = -1) const;
  const std::vector<std::shared_ptr<TransformerLayer>>& layers() const { return layers_; }

 private:
  std::vector<std::shared_ptr<TransformerLayer>> layers_;
};

}  // namespace cohesin
