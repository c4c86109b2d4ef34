#include "cohesin/nn/layers.h"

#include <ATen/ATen.h>

#include <cmath>
#include <complex>

#include "cohesin/nn/attention.h"
#include "cohesin/nn/transformer.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

void fill_randomly(torch::nn::Module& module) {
  const at::NoGradGuard no_grad;
  for (at::Tensor& parameter : module.parameters()) parameter.normal_(0.0, 0.3);
}

TransformerConfig small_transformer() {
  TransformerConfig config;
  config.num_layers = 2;
  config.attention = {12, 2, 6, true};
  config.ffn_embed_dim = 10;
  config.feed_forward = FeedForward::gated_silu;
  return config;
}

TEST(Gelu, GivesTheReferenceNumbers) {
  const at::Tensor x = at::tensor({-1.0, 0.5, 1.0, 2.0}, at::kDouble);
  const at::Tensor tanh =
      at::tensor({-0.15880800939172324, 0.34571400982514394, 0.8411919906082768, 1.954597694087775},
                 at::kDouble);
  const at::Tensor erf =
      at::tensor({-0.15865525393145702, 0.34573123063700656, 0.841344746068543, 1.9544997361036416},
                 at::kDouble);
  EXPECT_TRUE(at::allclose(gelu(x, Gelu::tanh), tanh, 0.0, 1e-14));
  EXPECT_TRUE(at::allclose(gelu(x, Gelu::erf), erf, 0.0, 1e-14));
  EXPECT_ERROR(parse_gelu("quick"), "gelu: expected 'tanh' or 'erf', got 'quick'");
}

TEST(Rotary, TurnsEachPairAsAComplexNumber) {
  at::manual_seed(2);
  const at::Tensor x = at::randn({2, 67, 32}, at::kDouble);
  const at::Tensor turned = apply_rotary(x);
  for (const int64_t position : {0, 1, 5, 66}) {
    for (const int64_t d : {0, 1, 7, 15}) {
      const double angle = static_cast<double>(position) * std::pow(10000.0, -2.0 * d / 32.0);
      const std::complex<double> pair(x[1][position][d].item<double>(),
                                      x[1][position][d + 16].item<double>());
      const std::complex<double> expected = pair * std::polar(1.0, angle);
      EXPECT_NEAR(turned[1][position][d].item<double>(), expected.real(), 1e-12);
      EXPECT_NEAR(turned[1][position][d + 16].item<double>(), expected.imag(), 1e-12);
    }
  }
}

TEST(Attention, RefusesARotaryEmbeddingOfAnOddWidth) {
  EXPECT_ERROR(Attention({12, 2, 5, true}), "key_size");
}

TEST(Embedding, ReadsTheLastRowBeyondTheTableAndDropsItsGradient) {
  Embedding table(3, 2);
  fill_randomly(table);
  const at::Tensor ids = at::tensor({0, 2, 3, 70}, at::kLong);
  const at::Tensor rows = table.forward(ids);
  EXPECT_TRUE(at::equal(rows[2], table.weight[2]));
  EXPECT_TRUE(at::equal(rows[3], table.weight[2]));
  rows.sum().backward();
  EXPECT_TRUE(at::equal(table.weight.grad(),
                        at::tensor({1., 1., 0., 0., 1., 1.}).view({3, 2}).to(at::kFloat)));
}

TEST(Transformer, StopsAfterTheLayersAskedFor) {
  at::manual_seed(4);
  Transformer transformer(small_transformer());
  fill_randomly(transformer);
  const at::Tensor x = at::randn({1, 4, 12});
  NamedTensors tapped;
  const at::Tensor first = transformer.forward(x, {}, tapped, 1);
  LayerTaps taps;
  taps.embeddings = {1};
  transformer.forward(x, taps, tapped);
  EXPECT_TRUE(at::equal(tapped.at("embeddings_1"), first));
}

}  // namespace
}  // namespace cohesin
