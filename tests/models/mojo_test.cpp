#include "cohesin/models/fusion/mojo.h"

#include <ATen/ATen.h>

#include <fstream>
#include <sstream>

#include "tests/models/published_tensors.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

MojoConfig small_config() {
  MojoConfig config;
  config.alphabet_size = {{"rnaseq", 10}, {"x9", 7}};
  config.sequence_length = 21;
  config.token_embed_dim = 6;
  config.init_gene_embed_dim = 5;
  config.conv_init_embed_dim = 8;
  config.embed_dim = 12;
  config.num_downsamples = 2;
  config.num_layers = 2;
  config.num_attention_heads = 2;
  config.ffn_embed_dim = 16;
  return config;
}

std::shared_ptr<Mojo> small_mojo(const MojoConfig& config) {
  auto model = std::make_shared<Mojo>(config);
  initialise(*model, 7);
  model->eval();
  return model;
}

Batch small_batch(const Mojo& model) {
  Batch batch;
  for (const auto& omic : model.omics()) {
    const int64_t length = model.sequence_length();
    batch.tensors[omic + ".tokens"] =
        (at::arange(2 * length, at::kLong) * 5).remainder(7).view({2, length});
  }
  return batch;
}

TEST(AveragePairs, LeavesTheLastOfAnOddLengthAlone) {
  const at::Tensor x = at::tensor({1.0, 3.0, 5.0, 9.0, 4.0}).view({1, 5, 1});
  const at::Tensor expected = at::tensor({2.0, 7.0, 4.0}).view({1, 3, 1});
  EXPECT_TRUE(at::equal(average_pairs(x), expected));
}

TEST(MojoConfig, ComputesWhatFollowsFromOtherKeys) {
  MojoConfig config;
  config.conv_init_embed_dim = 22;
  config.embed_dim = 32;
  config.num_attention_heads = 4;
  config.num_downsamples = 4;
  config.sequence_length = 100;
  config.fixed_sequence_length = 5;
  config.project_gene_embedding = false;
  config.resolve();
  EXPECT_EQ(config.fixed_sequence_length, 112);
  EXPECT_EQ(config.filter_list, (std::vector<int64_t>{22, 24, 27, 29, 32}));
  EXPECT_EQ(config.key_size, 8);
  EXPECT_TRUE(config.project_gene_embedding) << "200 columns must become 256";
}

TEST(MojoConfig, NamesTheKeyThatCannotBe) {
  MojoConfig config;
  config.num_attention_heads = 7;
  EXPECT_ERROR(config.resolve(), "embed_dim 512 is no multiple of num_attention_heads 7");
  config = {};
  config.embeddings_layers_to_save = {9};
  EXPECT_ERROR(config.resolve(), "embeddings_layers_to_save: there is no layer 9");
  config = {};
  config.alphabet_size = {{"a.b", 66}};
  EXPECT_ERROR(config.resolve(), "alphabet_size: 'a.b'");
  config = {};
  config.continuous_input = {{"protein", true}};
  EXPECT_ERROR(config.resolve(), "continuous_input: no omic 'protein'");
}

TEST(Mojo, PublishedConfigurationHasExactlyThePublishedTensors) {
  testing::expect_published_tensors(Mojo(MojoConfig()), mojo_haiku_names(),
                                    "mojo_published_tensors.tsv", 255, 52'294'532);
}

TEST(Mojo, TakesAnyOmicWithItsOwnAlphabet) {
  const auto model = small_mojo(small_config());
  const Outputs out = model->forward(small_batch(*model), Wanted::everything());
  EXPECT_EQ(out.at("logits.rnaseq").sizes(), (std::vector<int64_t>{2, 24, 10}));
  EXPECT_EQ(out.at("logits.x9").sizes(), (std::vector<int64_t>{2, 24, 7}));
  EXPECT_EQ(out.at("after_transformer_embedding").sizes(), (std::vector<int64_t>{2, 6, 12}));
}

TEST(Mojo, EverySwitchGivesAModelThatRuns) {
  for (const int64_t num_hidden : {0, 2}) {
    for (const bool genes : {false, true}) {
      MojoConfig config = small_config();
      config.num_hidden_layers_head = num_hidden;
      config.use_gene_embedding = genes;
      config.init_gene_embed_dim = config.token_embed_dim;
      config.project_gene_embedding = false;
      config.use_skip_connection = genes;
      config.key_size = 10;  // 2 heads of 10 beside an embedding of 12
      config.gelu = genes ? "erf" : "tanh";
      const auto model = small_mojo(config);
      const NamedTensors weights = module_weights(*model);
      EXPECT_EQ(weights.count("gene_embedding.weight"), genes ? 1u : 0u);
      EXPECT_EQ(weights.count("gene_embedding.projection.weight"), 0u);
      EXPECT_EQ(weights.count("lm_head_x9_1.weight"), num_hidden == 2 ? 1u : 0u);
      EXPECT_NO_THROW(bind_weights(mojo_haiku_names(), testing::names_of(weights)));
      const Outputs out = model->forward(small_batch(*model), Wanted::everything());
      EXPECT_TRUE(at::isfinite(out.at("logits.x9")).all().item<bool>());
    }
  }
}

TEST(Mojo, ComputesOnlyWhatIsWanted) {
  const auto model = small_mojo(small_config());
  const Outputs out = model->forward(small_batch(*model), {"after_transformer_embedding"});
  EXPECT_EQ(testing::names_of(out.tensors),
            (std::vector<std::string>{"after_transformer_embedding"}));
  const Outputs one = model->forward(small_batch(*model), {"logits.x9", "attention_map_layer_2"});
  EXPECT_EQ(testing::names_of(one.tensors),
            (std::vector<std::string>{"attention_map_layer_2", "logits.x9"}));
}

TEST(Mojo, PadsAreLive) {
  const auto model = small_mojo(small_config());
  const Batch batch = small_batch(*model);
  const Wanted wanted = {"after_transformer_embedding"};
  const at::Tensor before = model->forward(batch, wanted).at("after_transformer_embedding").mean(1);
  const at::NoGradGuard no_grad;
  module_weights(*model).at("gene_embedding.weight").slice(0, 21).add_(1.0);
  const at::Tensor after = model->forward(batch, wanted).at("after_transformer_embedding").mean(1);
  EXPECT_GT((after - before).abs().max().item<double>(), 1e-4);
}

TEST(Mojo, NamesTheInputThatIsMissingOrTooShort) {
  const auto model = small_mojo(small_config());
  Batch batch = small_batch(*model);
  batch.tensors["x9.tokens"] = at::zeros({2, 21}, at::kLong);
  EXPECT_ERROR(model->forward(batch, {"embeddings"}), "'x9.tokens' has shape [2, 21]");
  batch.tensors.erase("x9.tokens");
  EXPECT_ERROR(model->forward(batch, {"embeddings"}), "no tensor 'x9.tokens'");
}

TEST(Mojo, ContinuousInputShowsNothingOfHiddenValuesAndPads) {
  MojoConfig config = small_config();
  config.continuous_input = {{"x9", true}};
  const auto model = small_mojo(config);
  Batch batch = small_batch(*model);
  batch.tensors.erase("x9.tokens");
  batch.tensors["x9.values"] = at::linspace(-2, 2, 48).view({2, 24});
  batch.tensors["x9.hidden"] = at::arange(48).remainder(5).eq(0).view({2, 24});
  const at::Tensor before = model->forward(batch, {"logits.x9"}).at("logits.x9");
  batch.tensors["x9.values"] =
      at::where(batch.at("x9.hidden"), at::full({}, NAN), batch.at("x9.values"));
  batch.tensors["x9.values"].slice(1, 21).fill_(NAN);
  EXPECT_TRUE(at::equal(model->forward(batch, {"logits.x9"}).at("logits.x9"), before));
  batch.tensors["x9.values"].slice(1, 1, 2).add_(1.0);
  EXPECT_FALSE(at::equal(model->forward(batch, {"logits.x9"}).at("logits.x9"), before));
}

}  // namespace
}  // namespace cohesin
