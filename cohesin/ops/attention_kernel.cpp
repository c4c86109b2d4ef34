// Compiled for AVX512_BF16 and AMX: nothing here may run before attention_kernel_level() has asked
// the processor, and nothing inline of other headers may be defined here.
//
// Blocks of 16 queries meet all keys: scores in float32 (they stay in the second cache), softmax,
// weights in bfloat16, then the sum of the values. Keys lie packed as the products want them:
// [keys/16][K/2][16 keys][2 numbers], values as [keys/2][K][2 keys]. K is padded to a multiple of
// 32 and the length to one of 32, with zeros.
#include "cohesin/ops/attention_kernel.h"

#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmath>
#include <cstring>

namespace cohesin {
namespace {

constexpr int64_t kRows = kAttentionRows;

int64_t padded(int64_t n) { return (n + kAttentionPad - 1) / kAttentionPad * kAttentionPad; }

__m512 from_bf16(__m256i bits) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}
__m256i to_bf16(__m512 values) { return (__m256i)_mm512_cvtneps_pbh(values); }

__mmask16 first_lanes(int64_t count) {
  return count >= 16 ? __mmask16(0xffff) : __mmask16((1u << (count > 0 ? count : 0)) - 1);
}

// One row of q or k, rotated and scaled, as bfloat16 at `to` (room for the padded width).
void write_row(const uint16_t* from, int64_t key_size, const float* cos, const float* sin,
               float scale, uint16_t* to) {
  const __m512 factor = _mm512_set1_ps(scale);
  if (cos == nullptr) {
    for (int64_t d = 0; d < key_size; d += 16) {
      const __mmask16 lanes = first_lanes(key_size - d);
      const __m512 x = from_bf16(_mm256_maskz_loadu_epi16(lanes, from + d));
      _mm256_mask_storeu_epi16(to + d, lanes, to_bf16(_mm512_mul_ps(x, factor)));
    }
    return;
  }
  const int64_t half = key_size / 2;
  for (int64_t d = 0; d < half; d += 16) {
    const __mmask16 lanes = first_lanes(half - d);
    const __m512 a = from_bf16(_mm256_maskz_loadu_epi16(lanes, from + d));
    const __m512 b = from_bf16(_mm256_maskz_loadu_epi16(lanes, from + half + d));
    const __m512 c = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, cos + d), factor);
    const __m512 s = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, sin + d), factor);
    const __m512 first = _mm512_fmsub_ps(a, c, _mm512_mul_ps(b, s));
    const __m512 second = _mm512_fmadd_ps(b, c, _mm512_mul_ps(a, s));
    _mm256_mask_storeu_epi16(to + d, lanes, to_bf16(first));
    _mm256_mask_storeu_epi16(to + half + d, lanes, to_bf16(second));
  }
}

void pack_keys(const AttentionJob& job, int64_t width, const AttentionRoom& room) {
  const int64_t pairs = width / 2, half = job.key_size / 2;
  alignas(64) uint16_t rows[kRows * 128];
  const __m512i place =
      _mm512_mullo_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                         _mm512_set1_epi32(static_cast<int>(pairs)));
  for (int64_t first = 0; first < padded(job.length); first += kRows) {
    std::memset(rows, 0, sizeof(uint16_t) * static_cast<size_t>(kRows * width));
    for (int64_t r = 0; r < kRows && first + r < job.length; ++r) {
      const int64_t key = first + r;
      write_row(job.k + key * job.stride, job.key_size,
                job.cos == nullptr ? nullptr : job.cos + key * half,
                job.sin == nullptr ? nullptr : job.sin + key * half, 1.0F, rows + r * width);
    }
    uint16_t* to = room.keys + first * width;
    for (int64_t pair = 0; pair < pairs; ++pair) {
      const __m512i column =
          _mm512_i32gather_epi32(place, reinterpret_cast<const int*>(rows) + pair, 4);
      _mm512_storeu_si512(to + pair * 2 * kRows, column);
    }
  }
}

void pack_values(const AttentionJob& job, int64_t width, const AttentionRoom& room) {
  for (int64_t key = 0; key < padded(job.length); key += 2) {
    uint16_t* to = room.values + key * width;
    for (int64_t d = 0; d < width; d += 16) {
      const __mmask16 lanes = first_lanes(job.key_size - d);
      const __mmask16 one = key < job.length ? lanes : __mmask16(0);
      const __mmask16 two = key + 1 < job.length ? lanes : __mmask16(0);
      const uint16_t* row = job.v + key * job.stride + d;
      const __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(one, row));
      const __m512i high = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(two, row + job.stride));
      _mm512_storeu_si512(to + 2 * d, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
    }
  }
}

// 2^x for -2^22 < x <= 0; relative error below 8e-5, where bfloat16 rounds by 4e-3. x is split into
// a whole number, which a float beyond 2^23 holds in its last bits, and a rest within a half.
__m512 power_of_two(__m512 x) {
  x = _mm512_max_ps(x, _mm512_set1_ps(-126.0F));
  const __m512 split = _mm512_set1_ps(12582912.0F);  // 1.5 * 2^23
  const __m512 shifted = _mm512_add_ps(x, split);
  const __m512 rest = _mm512_sub_ps(x, _mm512_sub_ps(shifted, split));
  __m512 p = _mm512_set1_ps(5.51716577e-2F);
  p = _mm512_fmadd_ps(p, rest, _mm512_set1_ps(0.242611121F));
  p = _mm512_fmadd_ps(p, rest, _mm512_set1_ps(0.693260988F));
  p = _mm512_fmadd_ps(p, rest, _mm512_set1_ps(0.999928074F));
  const __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(shifted), 23);
  return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(p), exponent));
}

float largest_of(const float* scores, int64_t length) {
  __m512 even = _mm512_set1_ps(-INFINITY), odd = even;
  int64_t i = 0;
  for (; i + 32 <= length; i += 32) {
    even = _mm512_max_ps(even, _mm512_loadu_ps(scores + i));
    odd = _mm512_max_ps(odd, _mm512_loadu_ps(scores + i + 16));
  }
  for (; i < length; i += 16)
    even = _mm512_max_ps(
        even, _mm512_mask_loadu_ps(_mm512_set1_ps(-INFINITY), first_lanes(length - i), scores + i));
  return _mm512_reduce_max_ps(_mm512_max_ps(even, odd));
}

// Scores (in powers of two) to weights, not yet divided by their sum, which is returned.
float soften(const float* scores, int64_t length, uint16_t* weights) {
  const __m512 top = _mm512_set1_ps(largest_of(scores, length));
  __m512 even = _mm512_setzero_ps(), odd = even;
  int64_t i = 0;
  for (; i + 32 <= length; i += 32) {
    const __m512 a = power_of_two(_mm512_sub_ps(_mm512_loadu_ps(scores + i), top));
    const __m512 b = power_of_two(_mm512_sub_ps(_mm512_loadu_ps(scores + i + 16), top));
    even = _mm512_add_ps(even, a);
    odd = _mm512_add_ps(odd, b);
    _mm512_storeu_si512(weights + i, (__m512i)_mm512_cvtne2ps_pbh(b, a));
  }
  for (; i < padded(length); i += 16) {
    const __mmask16 lanes = first_lanes(length - i);
    const __m512 x = _mm512_sub_ps(_mm512_maskz_loadu_ps(lanes, scores + i), top);
    const __m512 p = _mm512_maskz_mov_ps(lanes, power_of_two(x));
    even = _mm512_add_ps(even, p);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(weights + i), to_bf16(p));
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(even, odd));
}

__m512bh pair_of(const uint16_t* two) {
  int bits;
  std::memcpy(&bits, two, sizeof bits);
  return (__m512bh)_mm512_set1_epi32(bits);
}

// c[16 rows, 16 columns] (row stride `c_stride`) = a[16 rows, 2 * pairs] b[pairs][16][2].
void product_avx512(const uint16_t* a, int64_t a_stride, const uint16_t* b, int64_t b_stride,
                    int64_t pairs, float* c, int64_t c_stride) {
  __m512 sum[kRows];
#pragma GCC unroll 16
  for (int64_t r = 0; r < kRows; ++r) sum[r] = _mm512_setzero_ps();
  for (int64_t pair = 0; pair < pairs; ++pair) {
    const __m512bh column = (__m512bh)_mm512_loadu_si512(b + pair * b_stride);
#pragma GCC unroll 16
    for (int64_t r = 0; r < kRows; ++r)
      sum[r] = _mm512_dpbf16_ps(sum[r], pair_of(a + r * a_stride + 2 * pair), column);
  }
#pragma GCC unroll 16
  for (int64_t r = 0; r < kRows; ++r) _mm512_storeu_ps(c + r * c_stride, sum[r]);
}

struct alignas(64) TileShapes {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};
};

void shape_tiles() {
  TileShapes shapes;
  for (int i = 0; i < 8; ++i) {
    shapes.row_bytes[i] = 64;
    shapes.rows[i] = 16;
  }
  _tile_loadconfig(&shapes);
}

// Tiles: 0 to 3 sums, 4 and 5 what stays or comes once, 6 and 7 what changes.

// Scores of 16 queries and all keys, two blocks of 16 keys at a time. Heads of up to 64 numbers
// keep their queries in tiles.
void scores_amx(const uint16_t* q, int64_t width, const uint16_t* keys, int64_t num_keys,
                float* scores) {
  const int64_t block = kRows * width;  // numbers of 16 keys
  constexpr int64_t kHalf = 16 * 32;    // of them 32 numbers a key
  if (width <= 64) _tile_loadd(4, q, width * 2);
  if (width == 64) _tile_loadd(5, q + 32, width * 2);
  for (int64_t key = 0; key < num_keys; key += 32) {
    const uint16_t* b = keys + key * width;
    _tile_zero(0);
    _tile_zero(1);
    if (width <= 64) {
      _tile_loadd(6, b, 64);
      _tile_dpbf16ps(0, 4, 6);
      _tile_loadd(7, b + block, 64);
      _tile_dpbf16ps(1, 4, 7);
      if (width == 64) {
        _tile_loadd(6, b + kHalf, 64);
        _tile_dpbf16ps(0, 5, 6);
        _tile_loadd(7, b + block + kHalf, 64);
        _tile_dpbf16ps(1, 5, 7);
      }
    } else {
      for (int64_t d = 0; d < width; d += 32) {
        _tile_loadd(4, q + d, width * 2);
        _tile_loadd(6, b + d * kRows, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, b + block + d * kRows, 64);
        _tile_dpbf16ps(1, 4, 7);
      }
    }
    _tile_stored(0, scores + key, num_keys * 4);
    _tile_stored(1, scores + key + 16, num_keys * 4);
  }
}

// Sums of up to four blocks of 16 numbers of the values, which share the loads of the weights.
void sums_amx(const uint16_t* weights, int64_t num_keys, const uint16_t* values, int64_t width,
              int64_t num_blocks, float* sums) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (int64_t key = 0; key < num_keys; key += 32) {
    const uint16_t* b = values + key * width;
    _tile_loadd(4, weights + key, num_keys * 2);
    _tile_loadd(6, b, width * 4);
    _tile_dpbf16ps(0, 4, 6);
    if (num_blocks > 1) {
      _tile_loadd(7, b + 32, width * 4);
      _tile_dpbf16ps(1, 4, 7);
    }
    if (num_blocks > 2) {
      _tile_loadd(6, b + 64, width * 4);
      _tile_dpbf16ps(2, 4, 6);
    }
    if (num_blocks > 3) {
      _tile_loadd(7, b + 96, width * 4);
      _tile_dpbf16ps(3, 4, 7);
    }
  }
  _tile_stored(0, sums, width * 4);
  if (num_blocks > 1) _tile_stored(1, sums + 16, width * 4);
  if (num_blocks > 2) _tile_stored(2, sums + 32, width * 4);
  if (num_blocks > 3) _tile_stored(3, sums + 48, width * 4);
}

void write_out(const AttentionJob& job, int64_t query, const float* sums, float total) {
  const __m512 factor = _mm512_set1_ps(1.0F / total);
  uint16_t* to = job.out + query * job.out_stride;
  for (int64_t d = 0; d < job.key_size; d += 16) {
    const __mmask16 lanes = first_lanes(job.key_size - d);
    const __m512 x = _mm512_maskz_loadu_ps(lanes, sums + d);
    _mm256_mask_storeu_epi16(to + d, lanes, to_bf16(_mm512_mul_ps(x, factor)));
  }
}

}  // namespace

int attention_kernel_level() {
  static const int level = [] {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512bf16"))
      return 0;
    unsigned eax = 7, ebx = 0, ecx = 0, edx = 0;
    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    const bool has_amx = (edx >> 22 & 1) != 0 && (edx >> 24 & 1) != 0;
    constexpr long kRequestPermission = 0x1023, kTileData = 18;
    return has_amx && syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0 ? 2 : 1;
  }();
  return level;
}

void attend_head(const AttentionJob& job, const AttentionRoom& room, int level) {
  const int64_t width = padded(job.key_size), keys = padded(job.length), half = job.key_size / 2;
  std::memset(room.queries, 0, sizeof(uint16_t) * static_cast<size_t>(kRows * width));
  std::memset(room.weights, 0, sizeof(uint16_t) * static_cast<size_t>(kRows * keys));
  pack_keys(job, width, room);
  pack_values(job, width, room);
  if (level == 2) shape_tiles();
  const float scale = static_cast<float>(1.4426950408889634 / std::sqrt(double(job.key_size)));
  uint16_t *q = room.queries, *p = room.weights;
  float *s = room.scores, *o = room.sums;
  for (int64_t first = 0; first < job.length; first += kRows) {
    const int64_t rows = job.length - first < kRows ? job.length - first : kRows;
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t query = first + r;
      write_row(job.q + query * job.stride, job.key_size,
                job.cos == nullptr ? nullptr : job.cos + query * half,
                job.sin == nullptr ? nullptr : job.sin + query * half, scale, q + r * width);
    }
    if (level == 2) {
      scores_amx(q, width, room.keys, keys, s);
    } else {
      for (int64_t key = 0; key < keys; key += kRows)
        product_avx512(q, width, room.keys + key * width, 32, width / 2, s + key, keys);
    }
    float total[kRows];
    for (int64_t r = 0; r < rows; ++r) total[r] = soften(s + r * keys, job.length, p + r * keys);
    for (int64_t d = 0; d < job.key_size; d += level == 2 ? 64 : 16) {
      const uint16_t* values = room.values + 2 * d;
      if (level == 2)
        sums_amx(p, keys, values, width, (job.key_size - d + 15) / 16, o + d);
      else
        product_avx512(p, keys, values, 2 * width, keys / 2, o + d, width);
    }
    for (int64_t r = 0; r < rows; ++r) write_out(job, first + r, o + r * width, total[r]);
  }
  if (level == 2) _tile_release();
}

}  // namespace cohesin
