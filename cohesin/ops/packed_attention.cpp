#include "cohesin/ops/packed_attention.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cassert>
#include <numeric>

#include "cohesin/ops/attention_kernel.h"

namespace cohesin {
namespace {

constexpr int64_t kWidestHead = 128;

// [N,H*K] with pairs (d, d + K/2) of each head turned.
at::Tensor turn(const at::Tensor& x, const PackedAttention& how) {
  if (!how.cos.defined()) return x;
  const at::Tensor cos = how.cos.to(x.scalar_type()).unsqueeze(1);
  const at::Tensor sin = how.sin.to(x.scalar_type()).unsqueeze(1);
  const auto halves = x.unflatten(1, {how.num_heads, -1}).chunk(2, -1);
  return at::cat({halves[0] * cos - halves[1] * sin, halves[1] * cos + halves[0] * sin}, -1)
      .flatten(1);
}

// One allocation for the longest job, cut into the room that a job needs.
class Memory {
 public:
  Memory(int64_t longest, int64_t key_size) {
    const int64_t keys = padded(longest), width = padded(key_size);
    const int64_t bytes = 2 * (2 * keys * width + kAttentionRows * (keys + width)) +
                          4 * kAttentionRows * (keys + width);
    bytes_ = at::empty({bytes + kAlignment}, at::kByte);
    auto* next = static_cast<uint8_t*>(bytes_.mutable_data_ptr());
    next += (kAlignment - reinterpret_cast<uintptr_t>(next) % kAlignment) % kAlignment;
    const auto cut = [&next]<typename T>(T*& part, int64_t count) {
      part = reinterpret_cast<T*>(next);
      next += count * static_cast<int64_t>(sizeof(T));
    };
    cut(room_.keys, keys * width);
    cut(room_.values, keys * width);
    cut(room_.queries, kAttentionRows * width);
    cut(room_.weights, kAttentionRows * keys);
    cut(room_.scores, kAttentionRows * keys);
    cut(room_.sums, kAttentionRows * width);
  }
  const AttentionRoom& room() const { return room_; }

 private:
  static constexpr int64_t kAlignment = 64;
  static int64_t padded(int64_t n) {
    return (n + kAttentionPad - 1) / kAttentionPad * kAttentionPad;
  }
  at::Tensor bytes_;
  AttentionRoom room_{};
};

const uint16_t* bits(const at::Tensor& x) {
  return static_cast<const uint16_t*>(x.const_data_ptr());
}

}  // namespace

at::Tensor attend_packed(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                         const PackedAttention& how) {
  const auto heads = [&how](const at::Tensor& x) {
    return x.unflatten(1, {how.num_heads, -1}).transpose(0, 1).unsqueeze(0);  // [1,H,N,K]
  };
  const at::Tensor q_1HNK = heads(turn(q, how)), k_1HNK = heads(turn(k, how)), v_1HNK = heads(v);
  std::vector<at::Tensor> parts;
  int64_t begin = 0;
  for (const int64_t length : how.lengths) {
    const auto part = [begin, length](const at::Tensor& x) { return x.narrow(2, begin, length); };
    parts.push_back(at::scaled_dot_product_attention(part(q_1HNK), part(k_1HNK), part(v_1HNK)));
    begin += length;
  }
  return at::cat(parts, 2).squeeze(0).transpose(0, 1).flatten(1);
}

bool has_fast_packed_attention(const at::Tensor& q, int64_t key_size) {
  return attention_kernel_level() > 0 && key_size % 2 == 0 && key_size <= kWidestHead &&
         q.scalar_type() == at::kBFloat16 && q.device().is_cpu();
}

at::Tensor attend_packed_fast(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                              const PackedAttention& how, int level) {
  if (level == 0) level = attention_kernel_level();
  const int64_t width = q.size(1), key_size = width / how.num_heads;
  assert(has_fast_packed_attention(q, key_size));
  assert(q.stride(1) == 1 && q.strides() == k.strides() && q.strides() == v.strides());
  at::Tensor out = at::empty({q.size(0), width}, q.options());
  const at::Tensor cos = how.cos.defined() ? how.cos.contiguous() : at::Tensor();
  const at::Tensor sin = how.sin.defined() ? how.sin.contiguous() : at::Tensor();
  std::vector<int64_t> begin(how.lengths.size(), 0);
  std::partial_sum(how.lengths.begin(), how.lengths.end() - 1, begin.begin() + 1);
  const int64_t longest = *std::max_element(how.lengths.begin(), how.lengths.end());
  const auto num_jobs = static_cast<int64_t>(how.lengths.size()) * how.num_heads;
  auto* const to = static_cast<uint16_t*>(out.mutable_data_ptr());
  at::parallel_for(0, num_jobs, 1, [&](int64_t first, int64_t last) {
    const Memory memory(longest, key_size);
    for (int64_t i = first; i < last; ++i) {
      const auto sequence = static_cast<size_t>(i / how.num_heads);
      const int64_t column = i % how.num_heads * key_size, row = begin[sequence];
      const int64_t at = row * q.stride(0) + column, table = row * (key_size / 2);
      attend_head({bits(q) + at, bits(k) + at, bits(v) + at, to + row * width + column, q.stride(0),
                   width, how.lengths[sequence], key_size,
                   cos.defined() ? cos.const_data_ptr<float>() + table : nullptr,
                   sin.defined() ? sin.const_data_ptr<float>() + table : nullptr},
                  memory.room(), level);
    }
  });
  return out;
}

}  // namespace cohesin
