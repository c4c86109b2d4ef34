#pragma once

#include <cstdint>

namespace cohesin {

// One head of one sequence. Numbers are bfloat16 (the upper half of a float); rows of q, k and v
// are `stride` numbers apart, those of out `out_stride`.
struct AttentionJob {
  const uint16_t *q, *k, *v;
  uint16_t* out;
  int64_t stride, out_stride;
  int64_t length, key_size;
  const float *cos, *sin;  // [length, key_size / 2]; null: no rotation
};

// Room for one job: numbers that it needs of each kind, aligned to 64 bytes.
struct AttentionRoom {
  uint16_t *keys, *values;      // padded length * padded width
  uint16_t *queries, *weights;  // 16 * padded width, 16 * padded length
  float *scores, *sums;         // the same
};
// Lengths and widths of a head are padded to a multiple of this.
inline constexpr int64_t kAttentionPad = 32;
inline constexpr int64_t kAttentionRows = 16;

// 0: the processor has no bfloat16 products; 1: AVX512_BF16; 2: AMX as well.
int attention_kernel_level();
// Computes the job with instructions of `level` (1 or 2, at most what the processor has).
void attend_head(const AttentionJob& job, const AttentionRoom& room, int level);

}  // namespace cohesin
