#include "cohesin/nn/window_product.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "cohesin/nn/layers.h"

namespace cohesin {
namespace {

double worst(const at::Tensor& found, const at::Tensor& expected) {
  EXPECT_EQ(found.sizes(), expected.sizes());
  return (found - expected).abs().max().item<double>();
}

at::Tensor random(at::IntArrayRef shape) { return at::randn(shape, at::kDouble); }

TEST(WindowProduct, EqualsTheConvolution) {
  at::manual_seed(1);
  for (const int64_t length : {1, 3, 17})
    for (const int64_t width : {1, 3, 5, 15}) {
      const at::Tensor x = random({2, length, 6}), weight = random({4, 6, width}),
                       bias = random({4});
      const at::Tensor expected =
          at::conv1d(x.transpose(1, 2), weight, bias, 1, (width - 1) / 2).transpose(1, 2);
      EXPECT_LT(worst(conv1d_by_windows(x, weight, bias), expected), 1e-12)
          << length << " " << width;
    }
}

TEST(WindowProduct, EqualsTheTransposedConvolution) {
  at::manual_seed(2);
  for (const int64_t length : {1, 2, 9}) {
    const at::Tensor x = random({2, length, 6}), weight = random({6, 4, 5}), bias = random({4});
    const at::Tensor expected =
        at::conv_transpose1d(x.transpose(1, 2), weight, bias, 2, 1).narrow(2, 0, 2 * length);
    EXPECT_LT(worst(deconv_by_windows(x, weight, bias), expected.transpose(1, 2)), 1e-12) << length;
  }
}

TEST(WindowProduct, PiecesJoinWithoutASeam) {
  at::manual_seed(3);
  const at::Tensor x = random({1, 9000, 128}), weight = random({8, 128, 5}), bias = random({8});
  const at::Tensor expected = at::conv1d(x.transpose(1, 2), weight, bias, 1, 2).transpose(1, 2);
  EXPECT_LT(worst(conv1d_by_windows(x, weight, bias), expected), 1e-11);
}

TEST(DeconvByWindows, MatchesTheReferenceVector) {
  // Haiku's kernel (1, 10, 100, 1000, 10000); ours has the taps reversed.
  const at::Tensor weight = at::tensor({10000.0, 1000.0, 100.0, 10.0, 1.0}).view({1, 1, 5});
  const at::Tensor x = at::tensor({1.0, 2.0, 3.0}).view({1, 3, 1});
  const at::Tensor y = deconv_by_windows(x, weight.to(x.dtype()), at::zeros({1}, x.options()));
  const at::Tensor expected =
      at::tensor({1000.0, 20100.0, 2010.0, 30201.0, 3020.0, 302.0}).view({1, 6, 1});
  EXPECT_TRUE(at::equal(y, expected.to(x.dtype()))) << y;
}

TEST(DeconvByWindows, AgreesWithItsPolyphaseForm) {
  at::manual_seed(1);
  const auto in_double = at::TensorOptions().dtype(at::kDouble);
  for (const int64_t length : {1, 3, 67, 134}) {
    const at::Tensor weight = at::randn({3, 4, 5}, in_double), bias = at::randn({4}, in_double);
    const at::Tensor x = at::randn({2, length, 3}, in_double);
    // y[2m] = w[1] x[m-1] + w[3] x[m]; y[2m+1] = w[0] x[m-1] + w[2] x[m] + w[4] x[m+1], with
    // Haiku's taps w[j] = weight[:, :, 4 - j].
    const at::Tensor padded = at::constant_pad_nd(x, {0, 0, 1, 1});
    const auto term = [&](int64_t tap, int64_t shift) {
      return at::matmul(padded.narrow(1, 1 + shift, length), weight.select(2, 4 - tap));
    };
    const at::Tensor even = term(1, -1) + term(3, 0);
    const at::Tensor odd = term(0, -1) + term(2, 0) + term(4, 1);
    const at::Tensor expected = at::stack({even, odd}, 2).flatten(1, 2) + bias;
    EXPECT_LT((deconv_by_windows(x, weight, bias) - expected).abs().max().item<double>(), 1e-12);
  }
}

// Here libtorch's own float32 kernel gives wrong numbers now and then.
TEST(DeconvByWindows, IsRightInFloat32) {
  for (int64_t seed = 0; seed < 20; ++seed) {
    at::manual_seed(static_cast<uint64_t>(seed));
    const at::Tensor x = at::randn({2, 40, 96}), weight = at::randn({96, 128, 5}),
                     bias = at::randn({128});
    const at::Tensor exact =
        deconv_by_windows(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble));
    EXPECT_LT(worst(deconv_by_windows(x, weight, bias).to(at::kDouble), exact), 1e-3);
  }
}

// The layer takes the fast path only where no gradient is asked for.
TEST(WindowProduct, ConvolutionIsTheSameWithAndWithoutGradient) {
  at::manual_seed(4);
  Conv1d conv(96, 128, 5);
  {
    const at::NoGradGuard no_grad;
    for (at::Tensor& parameter : conv.parameters()) parameter.normal_(0.0, 0.1);
  }
  const at::Tensor x = at::randn({2, 40, 96});
  const at::Tensor plain = conv.forward(x);
  EXPECT_TRUE(plain.requires_grad());
  EXPECT_FALSE(prefers_windows(96, 128));
  const at::NoGradGuard no_grad;
  EXPECT_TRUE(prefers_windows(96, 128));
  EXPECT_FALSE(prefers_windows(32, 128));
  EXPECT_LT(worst(conv.forward(x), plain), 1e-5);
}

}  // namespace
}  // namespace cohesin
