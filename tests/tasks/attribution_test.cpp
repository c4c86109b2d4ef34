#include "cohesin/tasks/attribution.h"

#include <torch/nn/module.h>

#include <cmath>

#include "cohesin/models/encoders/bulk_rna_bert.h"
#include "cohesin/models/fusion/mojo.h"
#include "cohesin/tasks/model_inputs.h"
#include "tests/data/cohort_fixture.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

constexpr int64_t kGenes = 10;

// A small predictor with both paths on the made-up cohort, whose s1 lacks methylation and whose
// s2 lacks the RNA of gene 4.
struct Case {
  std::shared_ptr<MultiOmics> cohort;
  std::shared_ptr<OmicsModel> model;
  std::shared_ptr<OmicsPredictor> predictor;
  std::unique_ptr<OmicsDataset> dataset;
};

Case make_case(const std::string& model, const std::string& edges, bool with_kinks = true) {
  Case made;
  made.cohort = std::make_shared<MultiOmics>(*testing::make_cohort(12, kGenes));
  made.cohort->modalities[0].table.row(2)[4] = kNotMeasured;
  if (model == "bulk_rna_bert") made.cohort->modalities.pop_back();
  const auto encoder = testing::fit_encoder(*made.cohort, edges, {0, 3, 4, 5, 6, 7, 8});
  std::map<std::string, OmicInput> omics;
  std::vector<std::pair<std::string, int64_t>> num_features;
  for (const auto& omic : encoder->omics()) {
    omics[omic] = {8, edges == "continuous"};
    num_features.emplace_back(omic, static_cast<int64_t>(encoder->measured(omic).size()));
  }
  if (model == "mojo") {
    MojoConfig config;
    config.token_embed_dim = config.init_gene_embed_dim = 6;
    config.conv_init_embed_dim = config.embed_dim = 8;
    config.num_downsamples = 1;
    config.num_layers = 1;
    config.num_attention_heads = 2;
    config.ffn_embed_dim = 8;
    config.stem_kernel_shape = 3;
    config.fit_to(kGenes, omics);
    made.model = std::make_shared<Mojo>(config);
  } else {
    BulkRnaBertConfig config;
    config.embed_dim = config.init_gene_embed_dim = 8;
    config.num_layers = 1;
    config.num_attention_heads = 2;
    config.ffn_embed_dim = 8;
    config.fit_to(kGenes, omics);
    made.model = std::make_shared<BulkRnaBert>(config);
  }
  initialise(*made.model, 3);
  TaskConfig task;
  task.name = "classification";
  task.classes = {"a", "b", "c"};
  if (with_kinks)
    task.hidden_sizes = {6};  // SELU
  else
    task.hidden_sizes.clear();
  task.shallow_path = with_kinks;  // ReLU
  task.shallow_hidden_size = 5;
  made.predictor = std::make_shared<OmicsPredictor>(made.model, task, num_features, 4);
  made.predictor->eval();
  made.model->eval();
  BatchContent content;
  content.features = with_kinks;
  content.values = edges == "continuous";
  made.dataset =
      std::make_unique<OmicsDataset>(made.cohort, encoder, made.model->sequence_length(), content);
  return made;
}

const std::vector<std::pair<std::string, std::string>> kCases = {
    {"mojo", "continuous"}, {"mojo", "quantile"}, {"bulk_rna_bert", "quantile"}};

at::Tensor sum_of(const NamedTensors& genes_BG) {
  at::Tensor sum_B;
  for (const auto& [omic, values_BG] : genes_BG)
    sum_B = sum_B.defined() ? sum_B + values_BG.sum(1) : values_BG.sum(1);
  return sum_B;
}

double largest(const at::Tensor& tensor) { return tensor.abs().max().item<double>(); }

TEST(GaussLegendre, IsExactForPolynomialsOfDegreeTwoNMinusOne) {
  for (const int64_t n : {1, 2, 7, 32}) {
    const Quadrature rule = gauss_legendre(n);
    for (const double degree : {0.0, static_cast<double>(n), 2.0 * static_cast<double>(n) - 1}) {
      double sum = 0;
      for (size_t i = 0; i < rule.nodes.size(); ++i)
        sum += rule.weights[i] * std::pow(rule.nodes[i], degree);
      EXPECT_NEAR(sum, 1 / (degree + 1), 1e-13) << n << " nodes, degree " << degree;
    }
  }
  EXPECT_ERROR(gauss_legendre(0), "at least 1");
}

TEST(OmicsModel, TakesAnEmbeddedOmicInPlaceOfItsTokensOrValues) {
  for (const auto& [model, edges] : kCases) {
    const Case made = make_case(model, edges);
    const torch::NoGradGuard no_grad;
    const Batch batch = rename_inputs(*made.model, made.dataset->batch({0, 1, 2}));
    Batch embedded;
    for (const auto& omic : made.model->omics())
      embedded.tensors[made.model->input_key(omic, "embedded")] = made.model->embed(omic, batch);
    const std::string name = made.model->embedding_name();
    EXPECT_TRUE(at::equal(made.model->forward(embedded, {name}).at(name),
                          made.model->forward(batch, {name}).at(name)))
        << model << " " << edges;
    const std::string key = made.model->input_key("rnaseq", "embedded");
    embedded.tensors[key] = embedded.at(key).narrow(1, 0, 3);
    EXPECT_ERROR(made.model->forward(embedded, {name}), "embedded' has shape [3, 3, ");
  }
}

// Completeness: the largest gap of all samples, as a share of the largest difference.
double completeness_gap(const Case& made, BaselineKind kind, int64_t steps) {
  const auto samples = testing::all_samples(*made.cohort);
  const auto baseline = make_baseline(*made.predictor, *made.dataset, samples, kind);
  const at::Tensor contrast_BT = class_contrast({0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}, 3);
  const Attributions found =
      integrated_gradients(*made.predictor, *made.dataset, samples, baseline, contrast_BT, steps);
  EXPECT_GT(largest(found.difference_B), 0.05);
  EXPECT_EQ(found.genes_BG.size(), made.model->omics().size());
  return largest(sum_of(found.genes_BG) - found.difference_B) / largest(found.difference_B);
}

TEST(IntegratedGradients, SumToTheDifferenceFromTheBaseline) {
  for (const auto& [model, edges] : kCases)
    for (const BaselineKind kind : {BaselineKind::mean, BaselineKind::mask}) {
      const std::string name = model + " " + edges;
      // Untrained vectors are short, so that layer norms bend sharply: many steps.
      EXPECT_LT(completeness_gap(make_case(model, edges, false), kind, 400), 1e-5) << name;
      // A ReLU or SELU that switches on the way costs about 1 / steps of its part.
      EXPECT_LT(completeness_gap(make_case(model, edges, true), kind, 200), 0.01) << name;
    }
}

TEST(IntegratedGradients, GivesGenesThatASampleLacksNothing) {
  const Case made = make_case("mojo", "continuous");
  const auto baseline =
      make_baseline(*made.predictor, *made.dataset, {0, 1, 2, 3, 4, 5}, BaselineKind::mean);
  const Attributions found = integrated_gradients(*made.predictor, *made.dataset, {1, 2}, baseline,
                                                  class_contrast({0, 0}, 3), 4);
  EXPECT_EQ(largest(found.genes_BG.at("methylation")[0]), 0);
  EXPECT_EQ(found.genes_BG.at("rnaseq")[1][4].item<double>(), 0);
  EXPECT_FALSE(found.shown_BG.at("methylation")[0].any().item<bool>());
  EXPECT_FALSE(found.shown_BG.at("rnaseq")[1][4].item<bool>());
  EXPECT_GT(largest(found.genes_BG.at("rnaseq")[0]), 0);
}

// By hand: a gene's token becomes <mask> and its scaled value 0 in the batch itself.
TEST(Occlusion, EqualsHidingGenesOneByOne) {
  for (const auto& [model, edges] : kCases) {
    const Case made = make_case(model, edges);
    const torch::NoGradGuard no_grad;
    const std::vector<int64_t> samples = {0, 2, 5};
    const auto baseline =
        make_baseline(*made.predictor, *made.dataset, samples, BaselineKind::mask);
    const at::Tensor contrast_BT = class_contrast({0, 1, 2}, 3);
    const std::vector<int64_t> genes = {0, 4, 9};
    const Attributions found = occlusion(*made.predictor, *made.dataset, samples, baseline,
                                         contrast_BT, {{"rnaseq", genes}});
    const Batch batch = made.dataset->batch(samples);
    const at::Tensor whole_B = (made.predictor->forward(batch) * contrast_BT).sum(1);
    const int64_t mask = made.dataset->encoder().tokenizer("rnaseq").mask_token();
    for (const int64_t gene : genes) {
      Batch hidden = made.dataset->batch(samples);
      hidden.tensors["rnaseq.tokens"].select(1, gene).fill_(mask);
      hidden.tensors["rnaseq.features"].select(1, gene).zero_();
      if (edges == "continuous") hidden.tensors["rnaseq.hidden"].select(1, gene).fill_(true);
      const at::Tensor effect_B = whole_B - (made.predictor->forward(hidden) * contrast_BT).sum(1);
      EXPECT_GT(largest(effect_B), 1e-4);
      EXPECT_LT(largest(found.genes_BG.at("rnaseq").select(1, gene) - effect_B), 1e-5)
          << model << " " << edges << " gene " << gene;
    }
    EXPECT_EQ(largest(found.genes_BG.at("rnaseq").narrow(1, 1, 3)), 0);  // not asked for
  }
}

TEST(ClassContrast, IsTheLogitMinusTheMeanLogit) {
  const at::Tensor contrast_BT = class_contrast({2, 0}, 3);
  EXPECT_LT(largest(contrast_BT.sum(1)), 1e-15);
  EXPECT_NEAR(contrast_BT[0][2].item<double>(), 2.0 / 3, 1e-15);
  EXPECT_NEAR(contrast_BT[1][1].item<double>(), -1.0 / 3, 1e-15);
}

TEST(Baseline, UnknownNameIsRefused) {
  EXPECT_ERROR(parse_baseline_kind("zero"), "no baseline 'zero'; known are mean and mask");
}

}  // namespace
}  // namespace cohesin
