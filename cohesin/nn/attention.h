#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cohesin/nn/layers.h"

namespace cohesin {

struct AttentionConfig {
  int64_t embed_dim = 0;
  int64_t num_heads = 0;
  int64_t key_size = 0;  // width of a head; num_heads * key_size need not equal embed_dim
  bool rotary = false;   // rotary embedding of queries and keys
};

// Multi-head self-attention, scaled by 1/sqrt(key_size), with biases in all four projections.
class Attention : public torch::nn::Module {
 public:
  explicit Attention(const AttentionConfig& config);

  // [B,L,D] -> [B,L,D]. The scores are never held as a whole, unless `attention_map` asks for the
  // softmax output [B,H,L,L].
  at::Tensor forward(const at::Tensor& x_BLD, at::Tensor* attention_map = nullptr) const;

  const AttentionConfig& config() const { return config_; }
  Linear& projection(const std::string& name);  // query, key, value or output

 private:
  at::Tensor split_heads(const at::Tensor& x_BLD) const;  // -> [B,H,L,K]

  AttentionConfig config_;
  std::shared_ptr<Linear> query_, key_, value_, output_;
};

// Rotary position embedding (Su et al. 2021, doi:10.48550/arXiv.2104.09864), base 10000, pairs
// (d, d + K/2), positions 0..L-1: [...,L,K] -> [...,L,K].
at::Tensor apply_rotary(const at::Tensor& x_LK);

}  // namespace cohesin
