#include "cohesin/nn/adapter.h"

#include <ATen/ATen.h>
#include <cmath>

#include <set>

#include "cohesin/nn/transformer.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

TransformerConfig small_transformer() {
  TransformerConfig config;
  config.num_layers = 2;
  config.attention = {12, 2, 6, true};
  config.ffn_embed_dim = 10;
  config.feed_forward = FeedForward::gated_silu;
  return config;
}

AdapterConfig adapter(const std::string& name, const std::string& more = "") {
  AdapterConfig config;
  read_config(config, "{\"name\": \"" + name + "\"" + more + "}", "recipe");
  config.resolve("recipe");
  return config;
}

void fill_randomly(torch::nn::Module& module) {
  const at::NoGradGuard no_grad;
  for (at::Tensor& parameter : module.parameters()) parameter.normal_(0.0, 0.3);
}

at::Tensor run(const Transformer& transformer, const at::Tensor& x_BLD) {
  NamedTensors tapped;
  return transformer.forward(x_BLD, {}, tapped);
}

std::set<std::string> trained(const torch::nn::Module& module) {
  std::set<std::string> names;
  for (const auto& item : module.named_parameters())
    if (item.value().requires_grad()) names.insert(item.key());
  return names;
}

// A transformer with random weights and this adapter on it.
struct Adapted {
  explicit Adapted(const AdapterConfig& config) {
    at::manual_seed(3);
    fill_randomly(transformer);
    x_BLD = at::randn({2, 5, 12});
    before = run(transformer, x_BLD);
    attach_adapter(transformer, config, 7);
  }
  Transformer transformer{small_transformer()};
  at::Tensor x_BLD, before;
};

TEST(Adapter, ChangesNothingAtFirstAndAloneIsTrained) {
  for (const std::string name : {"ia3", "lora"}) {
    Adapted adapted(adapter(name));
    const at::Tensor after = run(adapted.transformer, adapted.x_BLD);
    EXPECT_TRUE(at::equal(adapted.before, after)) << name;
    after.sum().backward();
    for (const auto& item : adapted.transformer.named_parameters()) {
      EXPECT_EQ(item.value().requires_grad(), is_adapter_parameter(item.key())) << item.key();
      EXPECT_EQ(item.value().grad().defined(), is_adapter_parameter(item.key())) << item.key();
    }
  }
}

TEST(Adapter, StandsWhereThePapersPutIt) {
  EXPECT_EQ(trained(Adapted(adapter("ia3", R"(, "layers": "last:1")")).transformer),
            (std::set<std::string>{"1.attention.key.output_scale", "1.attention.value.output_scale",
                                   "1.ffn_down.input_scale"}));
  EXPECT_EQ(trained(Adapted(adapter("lora", R"(, "layers": "last:1")")).transformer),
            (std::set<std::string>{"1.attention.query.lora_a", "1.attention.query.lora_b",
                                   "1.attention.value.lora_a", "1.attention.value.lora_b"}));
  EXPECT_EQ(
      trained(Adapted(adapter("lora", R"(, "targets": ["output", "ffn_up"])")).transformer).size(),
      8U);
}

TEST(Adapter, MergedGivesTheSameOutputs) {
  const std::string all = R"(, "targets": ["query", "key", "value", "output", "ffn_up",
                                           "ffn_down"])";
  for (const AdapterConfig& config : {adapter("ia3"), adapter("lora"), adapter("ia3", all),
                                      adapter("lora", all + R"(, "rank": 3, "alpha": 5)")}) {
    Adapted adapted(config);
    fill_randomly(adapted.transformer);
    const at::Tensor expected = run(adapted.transformer, adapted.x_BLD);
    EXPECT_FALSE(at::allclose(expected, adapted.before, 0, 1e-3));
    NamedTensors weights;
    for (const auto& item : adapted.transformer.named_parameters())
      weights[item.key()] = item.value().detach();
    merge_adapter(weights, config);
    Transformer plain(small_transformer());
    const at::NoGradGuard no_grad;
    for (auto& item : plain.named_parameters()) item.value().copy_(weights.at(item.key()));
    EXPECT_EQ(weights.size(), plain.named_parameters().size());
    EXPECT_TRUE(at::allclose(run(plain, adapted.x_BLD), expected, 1e-5, 1e-5));
  }
}

TEST(Adapter, LoraStartsFromTheSeedAlone) {
  const auto first_a = [](uint64_t seed) {
    Transformer transformer(small_transformer());
    attach_adapter(transformer, adapter("lora"), seed);
    return transformer.named_parameters()["0.attention.query.lora_a"];
  };
  EXPECT_TRUE(at::equal(first_a(1), first_a(1)));
  EXPECT_FALSE(at::equal(first_a(1), first_a(2)));
  EXPECT_LE(first_a(1).abs().max().item<double>(), 1 / std::sqrt(12.0));
}

TEST(Adapter, LoraDropsItsInputInTrainingOnly) {
  Adapted adapted(adapter("lora", R"(, "dropout": 0.5)"));
  fill_randomly(adapted.transformer);
  adapted.transformer.train();
  EXPECT_FALSE(
      at::equal(run(adapted.transformer, adapted.x_BLD), run(adapted.transformer, adapted.x_BLD)));
  adapted.transformer.eval();
  EXPECT_TRUE(
      at::equal(run(adapted.transformer, adapted.x_BLD), run(adapted.transformer, adapted.x_BLD)));
}

TEST(AdapterConfig, BadSettingsAreNamed) {
  EXPECT_ERROR(adapter("lor"), "adapter.name: expected none, ia3 or lora, got 'lor'");
  EXPECT_ERROR(adapter("lora", R"(, "rank": 0)"), "adapter.rank is 0; it must be 1 or more");
  EXPECT_ERROR(adapter("lora", R"(, "alpha": 0)"), "adapter.alpha is 0");
  EXPECT_ERROR(adapter("lora", R"(, "dropout": 1)"), "adapter.dropout");
  EXPECT_ERROR(adapter("lora", R"(, "targets": ["querry"])"),
               "adapter.targets: there is no 'querry' (did you mean 'query'?)");
  EXPECT_ERROR(adapter("ia3", R"(, "targets": ["key", "key"])"), "'key' stands twice");
  EXPECT_ERROR(adapter("ia3", R"(, "layers": "last:0")"), "adapter.layers is 'last:0'");
  Transformer transformer(small_transformer());
  EXPECT_ERROR(attach_adapter(transformer, adapter("ia3", R"(, "layers": "last:3")"), 0),
               "adapter.layers is last:3, but the model's transformer has 2 layers");
  LayerNorm no_transformer(4);
  EXPECT_ERROR(attach_adapter(no_transformer, adapter("ia3"), 0), "no transformer layer");
}

}  // namespace
}  // namespace cohesin
