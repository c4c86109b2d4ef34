#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cohesin/nn/layers.h"

namespace cohesin {

struct RelativeAttentionConfig {
  int64_t width = 0;
  int64_t num_heads = 0;
  int64_t key_width = 0, value_width = 0;  // of a head
  int64_t num_features = 0;                // of a distance
  double attention_dropout = 0.0, position_dropout = 0.0;
};

// Self-attention whose logits are a product of contents and one of a query with features of the
// distance (Dai et al. 2019, doi:10.18653/v1/P19-1285, as in Enformer):
// softmax((q + content_bias) k^T + shift((q + position_bias) r^T)) v with q scaled before the
// biases are added. Biases in the output projection alone.
class RelativeAttention : public torch::nn::Module {
 public:
  explicit RelativeAttention(const RelativeAttentionConfig& config);

  // x [B,L,D]; features [2L-1,F] of the distances key - query = -(L-1)..L-1 -> [B,L,D]. Logits are
  // held of one sample at a time, unless a gradient is asked for.
  at::Tensor forward(const at::Tensor& x_BLD, const at::Tensor& features_PF) const;

  Linear& projection(const std::string& name);  // query, key, value or output

 private:
  at::Tensor split_heads(const at::Tensor& x_BLD) const;  // -> [B,H,L,*]

  RelativeAttentionConfig config_;
  std::shared_ptr<Linear> query_, key_, value_, output_, relative_key_;
  at::Tensor content_bias_, position_bias_;  // [H,K]
};

// What stands at [i, j - i + L - 1] goes to [i, j]: [H,L,2L-1] -> [H,L,L], a view.
at::Tensor relative_shift(const at::Tensor& x_HLP);

}  // namespace cohesin
