#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/nn/layers.h"
#include "cohesin/nn/rotary.h"

namespace cohesin {

struct AttentionConfig {
  int64_t embed_dim = 0;
  int64_t num_heads = 0;
  int64_t key_size = 0;  // width of a head; num_heads * key_size need not equal embed_dim
  bool rotary = false;   // rotary embedding of queries and keys, at positions 0..L-1
};

// What an attention over sequences of different lengths is told beside its input.
struct AttentionContext {
  at::Tensor key_mask_BL;  // bool, true = may be attended; undefined: all
  RotaryTable rotary;      // takes the place of the config's; empty: none
  // Of sequences that stand one after the other in one row, [1,sum,D]: none attends to another.
  // Empty: every row is one sequence.
  std::vector<int64_t> lengths;
};

// Multi-head self-attention, scaled by 1/sqrt(key_size), with biases in all four projections.
class Attention : public torch::nn::Module {
 public:
  explicit Attention(const AttentionConfig& config);

  // [B,L,D] -> [B,L,D]. The scores are never held as a whole, unless `attention_map` asks for the
  // softmax output [B,H,L,L]; of packed sequences there is no map.
  at::Tensor forward(const at::Tensor& x_BLD, at::Tensor* attention_map = nullptr,
                     const AttentionContext& context = {}) const;

  const AttentionConfig& config() const { return config_; }
  Linear& projection(const std::string& name);  // query, key, value or output

 private:
  at::Tensor forward_packed(const at::Tensor& x_1ND, const AttentionContext& context) const;
  at::Tensor split_heads(const at::Tensor& x_BLD) const;  // -> [B,H,L,K]

  AttentionConfig config_;
  std::shared_ptr<Linear> query_, key_, value_, output_;
};

}  // namespace cohesin
