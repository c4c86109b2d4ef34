#pragma once

#include <cstdint>

#include "cohesin/nn/layers.h"

namespace cohesin {

// Halves the length: of two neighbours x0, x1 a softmax over the logits W x0, W x1, channel by
// channel, makes a weighted sum. At an odd end the last value stands alone.
class AttentionPool : public ProductLayer {
 public:
  explicit AttentionPool(int64_t width);
  at::Tensor forward(const at::Tensor& x_BLC) const;  // -> [B,ceil(L/2),C]

  at::Tensor weight;  // [C,C]
};

}  // namespace cohesin
