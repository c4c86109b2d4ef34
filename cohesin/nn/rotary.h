#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cohesin {

// Rotary position embedding (Su et al. 2021, doi:10.48550/arXiv.2104.09864), pairs (d, d + K/2).
// Cosine and sine of position times frequency, [L,K/2]; undefined: no rotation.
struct RotaryTable {
  at::Tensor cos, sin;
  bool defined() const { return cos.defined(); }
};

// base^(-2i/K) for i < K/2 in float32, to the bit as the authors' PyTorch code makes them.
at::Tensor rotary_frequencies(int64_t key_size, double base = 10000.0);
// Angles and table in the dtype of `frequencies`; positions of any numeric dtype, [L].
RotaryTable rotary_table(const at::Tensor& positions, const at::Tensor& frequencies);
at::Tensor rotate(const at::Tensor& x_LK, const RotaryTable& table);  // [...,L,K] -> [...,L,K]
// At positions 0..L-1 with base 10000, the angles in double.
at::Tensor apply_rotary(const at::Tensor& x_LK);

}  // namespace cohesin
