#include "cohesin/nn/relative_attention.h"

#include <ATen/ATen.h>

#include "cohesin/nn/attention_pool.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(RelativeShift, PutsTheDistanceKeyMinusQueryInItsPlace) {
  const int64_t length = 4;
  const at::Tensor distances = at::arange(1 - length, length).expand({2, length, 2 * length - 1});
  const at::Tensor shifted = relative_shift(distances);
  for (int64_t query = 0; query < length; ++query) {
    for (int64_t key = 0; key < length; ++key)
      EXPECT_EQ(shifted[1][query][key].item<int64_t>(), key - query);
  }
}

TEST(RelativeAttention, EverySampleIsAttendedAlone) {
  RelativeAttention attention({6, 2, 4, 3, 6, 0.0, 0.0});
  const at::NoGradGuard no_grad;
  at::manual_seed(3);
  for (at::Tensor& parameter : attention.parameters()) parameter.normal_(0.0, 0.3);
  const at::Tensor x = at::randn({3, 5, 6}), features = at::randn({9, 6});
  const at::Tensor together = attention.forward(x, features);
  EXPECT_TRUE(
      at::allclose(together[1], attention.forward(x.narrow(0, 1, 1), features)[0], 1e-5, 1e-6));
}

TEST(AttentionPool, IsASoftmaxOverNeighboursChannelByChannel) {
  AttentionPool pool(3);
  const at::NoGradGuard no_grad;
  at::manual_seed(3);
  pool.weight.normal_();
  const at::Tensor x = at::randn({2, 8, 3});
  const at::Tensor pairs = x.view({2, 4, 2, 3});
  const at::Tensor expected = (at::softmax(at::linear(pairs, pool.weight), 2) * pairs).sum(2);
  EXPECT_TRUE(at::allclose(pool.forward(x), expected, 1e-5, 1e-6));
}

TEST(AttentionPool, AtAnOddEndTheLastValueStandsAlone) {
  AttentionPool pool(3);
  const at::Tensor x = at::randn({2, 7, 3});
  const at::Tensor pooled = pool.forward(x);
  EXPECT_EQ(pooled.sizes(), (std::vector<int64_t>{2, 4, 3}));
  EXPECT_TRUE(at::equal(pooled.select(1, 3), x.select(1, 6)));
  EXPECT_TRUE(at::equal(pool.forward(x.narrow(1, 0, 1)), x.narrow(1, 0, 1)));
}

}  // namespace
}  // namespace cohesin
