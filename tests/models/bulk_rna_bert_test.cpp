#include "cohesin/models/encoders/bulk_rna_bert.h"

#include <ATen/ATen.h>
#include <sys/resource.h>

#include "cohesin/models/heads.h"
#include "tests/models/published_tensors.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

BulkRnaBertConfig small_config() {
  BulkRnaBertConfig config;
  config.n_genes = 11;
  config.n_expressions_bins = 8;
  config.embed_dim = 12;
  config.init_gene_embed_dim = 5;
  config.num_layers = 3;
  config.num_attention_heads = 2;
  config.ffn_embed_dim = 16;
  return config;
}

std::shared_ptr<BulkRnaBert> small_model(const BulkRnaBertConfig& config) {
  auto model = std::make_shared<BulkRnaBert>(config);
  initialise(*model, 3);
  model->eval();
  return model;
}

Batch tokens(int64_t genes, int64_t alphabet) {
  Batch batch;
  batch.tensors["tokens"] = at::arange(2 * genes, at::kLong).remainder(alphabet).view({2, genes});
  return batch;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

TEST(BulkRnaBert, PublishedConfigurationHasExactlyThePublishedTensors) {
  const BulkRnaBert model{BulkRnaBertConfig()};
  testing::expect_published_tensors(model, bulk_rna_bert_haiku_names(),
                                    "bulk_rna_bert_published_tensors.tsv", 70, 6'005'104);
  testing::expect_published_tensors(model, bulk_rna_bert_huggingface_names(),
                                    "bulk_rna_bert_huggingface_published_tensors.tsv", 70,
                                    6'005'104);
}

TEST(BulkRnaBert, PublishedClassifierHasExactlyThePublishedTensors) {
  NamedTensors weights = module_weights(BulkRnaBert{BulkRnaBertConfig()});
  WeightMap map = bulk_rna_bert_haiku_names();
  for (const auto& [name, tensor] : module_weights(MlpHead(256, MlpHeadConfig()))) {
    weights["head." + name] = tensor;
  }
  for (const auto& row : head_haiku_names("head.", "classification_head")) map.push_back(row);
  testing::expect_published_tensors(
      weights, map, "bulk_rna_bert_tcga_5_cohorts_published_tensors.tsv", 76, 6'104'437);
}

TEST(MlpHead, PublishedSurvivalHeadHasThePublishedNumberOfParameters) {
  MlpHeadConfig config;
  config.hidden_sizes = {512, 256};
  config.layer_norm = true;
  config.final_layer_n_logits = 1;
  int64_t count = 0;
  for (const auto& [name, tensor] : module_weights(MlpHead(256, config))) count += tensor.numel();
  EXPECT_EQ(count, 263'681);
}

TEST(BulkRnaBert, HeadOverBinsAndRowsForPadAndMaskInOwnTraining) {
  BulkRnaBertConfig config = small_config();
  config.fit_to(20, {{"protein", {16, false}}});
  const auto model = small_model(config);
  EXPECT_EQ(model->omics(), (std::vector<std::string>{"protein"}));
  EXPECT_EQ(module_weights(*model).at("token_embedding.weight").size(0), 18);
  EXPECT_EQ(model->forward(tokens(20, 18), {"logits"}).at("logits").sizes(),
            (std::vector<int64_t>{2, 20, 16}));
  EXPECT_ERROR(config.fit_to(20, {{"a", {}}, {"b", {}}}), "takes one omic, the data have 2");
}

TEST(BulkRnaBert, IdsBeyondTheTableReadItsLastRowAndTrainNothing) {
  const auto model = small_model(small_config());
  Batch beyond = tokens(11, 8);
  beyond.tensors["tokens"].fill_(9);
  Batch last = tokens(11, 8);
  last.tensors["tokens"].fill_(7);
  const at::Tensor out = model->forward(beyond, {"logits"}).at("logits");
  EXPECT_TRUE(at::equal(out, model->forward(last, {"logits"}).at("logits")));
  out.sum().backward();
  for (const auto& item : model->named_parameters()) {
    if (item.key() == "token_embedding.weight") {
      EXPECT_EQ(item.value().grad().abs().max().item<double>(), 0.0);
    }
  }
}

TEST(BulkRnaBert, AskingForAnAttentionMapChangesNothingElse) {
  const auto model = small_model(small_config());
  const at::Tensor plain = model->forward(tokens(11, 8), {"embeddings_3"}).at("embeddings_3");
  const Outputs mapped = model->forward(tokens(11, 8), {"embeddings_3", "attention_map_layer_1"});
  EXPECT_TRUE(at::allclose(mapped.at("embeddings_3"), plain, 1e-5, 1e-6));
  const at::Tensor sums = mapped.at("attention_map_layer_1").sum(-1);
  EXPECT_TRUE(at::allclose(sums, at::ones_like(sums)));
}

TEST(BulkRnaBert, GivesAnyLayerAndNoMore) {
  const auto model = small_model(small_config());
  const Outputs out = model->forward(tokens(11, 8), {"embeddings_2"});
  EXPECT_EQ(testing::names_of(out.tensors), (std::vector<std::string>{"embeddings_2"}));
}

TEST(BulkRnaBert, NeverHoldsTheScoresOfManyGenes) {
  BulkRnaBertConfig config;
  config.n_genes = 6000;
  config.embed_dim = 32;
  config.num_layers = 1;
  config.ffn_embed_dim = 32;
  const auto model = small_model(config);
  const at::NoGradGuard no_grad;
  const double before = peak_megabytes();
  model->forward(tokens(6000, 64), {"logits"});
  // The scores of 2 samples and 8 heads would be 2,304 MB.
  EXPECT_LT(peak_megabytes() - before, 300.0);
}

TEST(BulkRnaBert, ContinuousInputTakesValuesInsteadOfTokens) {
  BulkRnaBertConfig config = small_config();
  config.continuous_input = true;
  const auto model = small_model(config);
  Batch batch;
  batch.tensors["values"] = at::linspace(-1, 1, 22).view({2, 11});
  batch.tensors["hidden"] = at::zeros({2, 11}, at::kBool);
  const at::Tensor shown = model->forward(batch, {"logits"}).at("logits");
  EXPECT_EQ(shown.sizes(), (std::vector<int64_t>{2, 11, 8}));
  batch.tensors["hidden"].fill_(true);
  const at::Tensor hidden = model->forward(batch, {"logits"}).at("logits");
  EXPECT_TRUE(at::allclose(hidden[0], hidden[1])) << "hidden samples must look alike";
}

}  // namespace
}  // namespace cohesin
