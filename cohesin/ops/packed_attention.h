#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace cohesin {

// Self-attention of sequences that stand one after the other, each within itself; without gradient.
struct PackedAttention {
  std::vector<int64_t> lengths;
  int64_t num_heads = 1;
  // Rotary tables [sum,K/2] in float32, applied to queries and keys; undefined: none.
  at::Tensor cos, sin;
};

// The plain way, in the dtype of q: [sum,H*K] each -> [sum,H*K], scaled by 1/sqrt(K).
at::Tensor attend_packed(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                         const PackedAttention& how);

// The same with bfloat16 products and float32 sums and softmax, the tables applied in float32.
// Where the processor has bfloat16 products (AMX or AVX512_BF16), K is even and at most 128, and
// q, k, v are bfloat16 on the CPU. `level` 1 asks for AVX512_BF16 alone; 0: the best there is.
bool has_fast_packed_attention(const at::Tensor& q, int64_t key_size);
at::Tensor attend_packed_fast(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                              const PackedAttention& how, int level = 0);

}  // namespace cohesin
