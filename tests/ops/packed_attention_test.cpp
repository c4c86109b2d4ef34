#include "cohesin/ops/packed_attention.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "cohesin/ops/attention_kernel.h"

namespace cohesin {
namespace {

struct Case {
  int64_t heads, key_size;
  std::vector<int64_t> lengths;
  bool rotary;
};

// The largest difference from float64 within three roundings to bfloat16 of the largest value.
void expect_close(const Case& c, int level) {
  at::manual_seed(c.heads * 1000 + c.key_size);
  int64_t total = 0;
  for (const int64_t length : c.lengths) total += length;
  const int64_t width = c.heads * c.key_size;
  const at::Tensor q = at::randn({total, width}).to(at::kBFloat16);
  const at::Tensor k = at::randn({total, width}).to(at::kBFloat16);
  const at::Tensor v = at::randn({total, width}).to(at::kBFloat16);
  PackedAttention how;
  how.lengths = c.lengths;
  how.num_heads = c.heads;
  if (c.rotary) {
    const at::Tensor angle = at::rand({total, c.key_size / 2}) * 6;
    how.cos = at::cos(angle);
    how.sin = at::sin(angle);
  }
  const at::Tensor exact =
      attend_packed(q.to(at::kDouble), k.to(at::kDouble), v.to(at::kDouble), how);
  const at::Tensor found = attend_packed_fast(q, k, v, how, level);
  const double largest = exact.abs().max().item<double>();
  EXPECT_LE((found.to(at::kDouble) - exact).abs().max().item<double>(), 0.012 * largest)
      << c.heads << " x " << c.key_size << ", level " << level;
}

TEST(PackedAttention, FastWayIsThePlainOneToTheRoundingOfBfloat16) {
  if (attention_kernel_level() == 0) GTEST_SKIP() << "the processor has no bfloat16 products";
  for (int level = 1; level <= attention_kernel_level(); ++level) {
    for (const bool rotary : {false, true}) {
      expect_close({2, 32, {1, 15, 16, 17, 31, 32, 33, 100}, rotary}, level);
      expect_close({3, 16, {5, 70}, rotary}, level);
      expect_close({2, 24, {40, 3}, rotary}, level);
      expect_close({2, 48, {64, 20}, rotary}, level);
      expect_close({1, 64, {129}, rotary}, level);
      expect_close({1, 128, {50, 7}, rotary}, level);
      expect_close({2, 10, {12}, rotary}, level);
    }
  }
}

TEST(PackedAttention, LargeScoresDoNotOverflow) {
  if (attention_kernel_level() == 0) GTEST_SKIP() << "the processor has no bfloat16 products";
  const at::Tensor q = (at::randn({40, 32}) * 200).to(at::kBFloat16);
  const at::Tensor v = at::randn({40, 32}).to(at::kBFloat16);
  PackedAttention how;
  how.lengths = {40};
  const at::Tensor found = attend_packed_fast(q, q, v, how).to(at::kFloat);
  EXPECT_TRUE(at::isfinite(found).all().item<bool>());
  EXPECT_LE((found - v.to(at::kFloat)).abs().max().item<double>(), 1e-6);  // each attends to itself
}

TEST(PackedAttention, SequencesDoNotSeeEachOther) {
  const at::Tensor q = at::randn({30, 16}), v = at::randn({30, 16});
  PackedAttention together;
  together.lengths = {10, 20};
  together.num_heads = 2;
  PackedAttention alone = together;
  alone.lengths = {10};
  const auto first = [](const at::Tensor& x) { return x.narrow(0, 0, 10); };
  EXPECT_TRUE(at::allclose(first(attend_packed(q, q, v, together)),
                           attend_packed(first(q), first(q), first(v), alone), 1e-5, 1e-6));
}

}  // namespace
}  // namespace cohesin
