#pragma once

#include <cstdint>
#include <memory>

#include "cohesin/nn/layers.h"

namespace cohesin {

// A vector a gene position, projected to the width of the tokens where `projected`. It depends on
// no input: computed once a forward.
class GeneEmbedding : public torch::nn::Module {
 public:
  GeneEmbedding(int64_t num_positions, int64_t init_width, int64_t width, bool projected);
  at::Tensor forward() const;  // [L,width]

 private:
  at::Tensor weight_;  // [L,init_width]
  std::shared_ptr<Linear> projection_;
};

// The continuous counterpart of a token table: a value goes through Linear(1) - GELU - Linear;
// hidden values read a learned mask vector, positions from `num_real` on a learned pad vector.
class ValueEmbedding : public torch::nn::Module {
 public:
  ValueEmbedding(int64_t width, int64_t num_real);
  // values [B,L] float (what stands at hidden and pad positions is ignored, NaN too),
  // hidden [B,L] bool -> [B,L,width].
  at::Tensor forward(const at::Tensor& values_BL, const at::Tensor& hidden_BL) const;

 private:
  int64_t num_real_;
  at::Tensor mask_vector_, pad_vector_;  // [width]
  std::shared_ptr<Linear> up_, down_;
};

}  // namespace cohesin
