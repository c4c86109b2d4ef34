#include "cohesin/models/initialise.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>

#include "cohesin/models/encoders/bulk_rna_bert.h"
#include "cohesin/models/fusion/mojo.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

NamedTensors fresh_weights(uint64_t seed) {
  BulkRnaBertConfig config;
  config.n_genes = 300;
  config.num_layers = 1;
  BulkRnaBert model(config);
  initialise(model, seed);
  NamedTensors weights;
  for (const auto& [name, tensor] : module_weights(model)) weights[name] = tensor.clone();
  return weights;
}

double largest(const at::Tensor& x) { return x.abs().max().item<double>(); }
double spread(const at::Tensor& x) { return x.std().item<double>(); }

TEST(Initialise, SameSeedGivesTheSameNumbersOnAnyNumberOfThreads) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const NamedTensors one = fresh_weights(5);
  at::set_num_threads(3);
  const NamedTensors three = fresh_weights(5), other = fresh_weights(6);
  at::set_num_threads(threads);
  for (const auto& [name, tensor] : one) EXPECT_TRUE(at::equal(tensor, three.at(name))) << name;
  EXPECT_FALSE(at::equal(one.at("lm_head.weight"), other.at("lm_head.weight")));
}

TEST(Initialise, FollowsTheAuthorsDistributions) {
  const NamedTensors weights = fresh_weights(1);
  constexpr double kCut = 0.8796;  // sd of a standard normal cut at +-2
  const at::Tensor& table = weights.at("gene_embedding.weight");
  EXPECT_LE(largest(table), 2.0);
  EXPECT_NEAR(spread(table), kCut, 0.01);
  const at::Tensor& linear = weights.at("transformer.0.ffn_up.weight");  // 256 inputs
  EXPECT_LE(largest(linear), 2.0 / 16.0);
  EXPECT_NEAR(spread(linear), kCut / 16.0, 0.001);
  EXPECT_EQ(largest(weights.at("transformer.0.ffn_up.bias")), 0.0);
  const at::Tensor& query = weights.at("transformer.0.attention.query.weight");
  const double limit = std::sqrt(6.0 / 256.0);
  EXPECT_LE(largest(query), limit);
  EXPECT_NEAR(spread(query), limit / std::sqrt(3.0), 0.002);
  EXPECT_GT(largest(weights.at("transformer.0.attention.query.bias")), 0.5 * limit);
  EXPECT_LE(largest(weights.at("lm_head.bias")), std::sqrt(6.0 / 64.0));
  EXPECT_TRUE(at::equal(weights.at("transformer.0.ffn_norm.weight"), at::ones({256})));
}

TEST(Initialise, CountsTheInputsOfConvolutionsAndTransposedOnes) {
  MojoConfig config;
  config.sequence_length = 16;
  config.conv_init_embed_dim = 48;
  config.embed_dim = 96;
  config.num_downsamples = 1;
  config.num_layers = 1;
  Mojo model(config);
  initialise(model, 1);
  const NamedTensors weights = module_weights(model);
  constexpr double kCut = 0.8796;
  EXPECT_NEAR(spread(weights.at("stem.weight")), kCut / std::sqrt(15.0 * 256), 5e-4);
  EXPECT_NEAR(spread(weights.at("deconv_tower.deconv_0.weight")), kCut / std::sqrt(5.0 * 96), 1e-3);
}

TEST(Initialise, NamesAParameterThatNoRowCovers) {
  BulkRnaBert model{BulkRnaBertConfig()};
  EXPECT_ERROR(initialise(model, {{".*\\.bias", Initialisation::zeros}}, 1),
               "no initialisation is known for 'token_embedding.weight'");
}

}  // namespace
}  // namespace cohesin
