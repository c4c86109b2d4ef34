#include "cohesin/models/encoders/enformer.h"

#include <ATen/ATen.h>
#include <sys/resource.h>

#include "cohesin/tensor/tensor_file.h"
#include "tests/models/published_tensors.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

EnformerConfig small_config() {
  EnformerConfig config;
  config.dim = 24;
  config.depth = 2;
  config.heads = 2;
  config.output_heads = {{"human", 3}, {"mouse", 2}};
  config.target_length = -1;
  config.attn_dim_key = 5;
  config.num_downsamples = 3;
  config.dim_divisible_by = 4;
  return config;
}

std::shared_ptr<Enformer> small_model(const EnformerConfig& config) {
  auto model = std::make_shared<Enformer>(config);
  const at::NoGradGuard no_grad;
  at::manual_seed(7);
  for (at::Tensor& parameter : model->parameters()) parameter.normal_(0.0, 0.3);
  model->eval();
  return model;
}

Batch bases(int64_t samples, int64_t length) {
  Batch batch;
  at::manual_seed(5);
  batch.tensors["indices"] = at::randint(-1, 5, {samples, length}, at::kLong);
  return batch;
}

at::Tensor output(Model& model, const Batch& batch, const std::string& name) {
  return model.forward(batch, {name}).at(name);
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

TEST(Enformer, PublishedConfigurationHasExactlyThePublishedTensors) {
  const Enformer model{EnformerConfig()};
  testing::expect_published_tensors(model, enformer_huggingface_names(),
                                    "enformer-official-rough.tsv", 287, 251'250'988 + 14);
}

TEST(Enformer, TowerHasTheAuthorsChannels) {
  EXPECT_EQ(EnformerConfig().tower_widths(),
            (std::vector<int64_t>{768, 768, 896, 1024, 1152, 1280, 1536}));
  EXPECT_EQ(small_config().tower_widths(), (std::vector<int64_t>{12, 12, 24}));
}

TEST(Enformer, GivesWhatIsAskedForAndNoMore) {
  const auto model = small_model(small_config());
  const Batch batch = bases(2, 40);
  const Outputs all = model->forward(batch, Wanted::everything());
  EXPECT_EQ(testing::names_of(all.tensors),
            (std::vector<std::string>{"attention.0", "attention.1", "conv_tower.0", "conv_tower.1",
                                      "embeddings", "human", "mouse", "position_features", "stem.0",
                                      "stem.2", "transformer.0", "transformer.1"}));
  for (const auto& [name, tensor] : all.tensors) {
    const Outputs one = model->forward(batch, {name});
    EXPECT_EQ(testing::names_of(one.tensors), std::vector<std::string>{name});
    EXPECT_TRUE(at::equal(one.at(name), tensor)) << name;
  }
  EXPECT_TRUE(model->forward(batch, {"nothing"}).tensors.empty());
}

TEST(Enformer, WithoutHeadsGivesEmbeddings) {
  EnformerConfig config = small_config();
  config.output_heads.clear();
  const auto model = small_model(config);
  EXPECT_EQ(output(*model, bases(1, 64), "embeddings").sizes(), (std::vector<int64_t>{1, 8, 48}));
}

TEST(Enformer, PiecesGiveWhatTheWholeGives) {
  const auto model = small_model(small_config());
  for (const int64_t length : {4999, 4096, 2, 1}) {
    const Batch batch = bases(2, length);
    const at::Tensor whole = output(*model, batch, "embeddings");
    EXPECT_TRUE(whole.requires_grad());
    const at::NoGradGuard no_grad;
    const at::Tensor in_pieces = output(*model, batch, "embeddings");
    EXPECT_EQ(in_pieces.size(1), (length + 7) / 8);
    EXPECT_TRUE(at::allclose(whole, in_pieces, 1e-4, 1e-5)) << length;
  }
}

TEST(Enformer, TowerAndHeadInTwoPartsAreTheWhole) {
  const auto model = small_model(small_config());
  const Batch batch = bases(2, 200);
  const at::Tensor tower = model->tower(model->one_hot(batch));
  EXPECT_EQ(tower.sizes(), (std::vector<int64_t>{2, 25, 24}));
  EXPECT_TRUE(at::equal(model->head_from_tower(tower, "mouse"), output(*model, batch, "mouse")));
}

TEST(Enformer, PositionsDependOnTheirPieceAndNothingElse) {
  const auto model = small_model(small_config());
  const int64_t length = 400;
  at::Tensor letters = model->one_hot(bases(1, length));
  const at::NoGradGuard no_grad;
  const at::Tensor before = model->tower(letters);
  for (int64_t base = 0; base < length; base += 13) {
    const TowerPiece piece = tower_piece(small_config(), length, base, base + 1);
    at::Tensor changed = letters.clone();
    changed[0][base] += 1;
    const at::Tensor after = model->tower(changed);
    const at::Tensor moved = (after - before).abs().amax({0, 2}).gt(1e-4);
    for (int64_t at = 0; at < 50; ++at)
      EXPECT_TRUE(!moved[at].item<bool>() || (at >= piece.first && at < piece.first + piece.count));
    const at::Tensor part = model->tower(changed.slice(1, piece.from, piece.to))
                                .narrow(1, piece.first - piece.from / 8, piece.count);
    EXPECT_TRUE(at::allclose(part, after.narrow(1, piece.first, piece.count), 1e-4, 1e-5)) << base;
  }
  // Half a kernel of 15, then of 5 with values 2 and 4 bases apart: 7 + 4 + 8 bases.
  EXPECT_EQ(tower_piece(small_config(), length, 200, 201).first, (200 - 19) / 8);
}

TEST(Enformer, CropsAsItsAuthorsEvenWhereItLosesOneMore) {
  EnformerConfig config = small_config();
  const at::Tensor whole = output(*small_model(config), bases(1, 8 * 48), "embeddings");
  for (const auto& [target, kept] :
       std::map<int64_t, int64_t>{{48, 48}, {47, 46}, {31, 30}, {30, 30}}) {
    config.target_length = target;
    const at::Tensor cropped = output(*small_model(config), bases(1, 8 * 48), "embeddings");
    ASSERT_EQ(cropped.size(1), kept) << target;
    EXPECT_TRUE(at::allclose(cropped, whole.narrow(1, (48 - kept) / 2, kept), 1e-5, 1e-6));
  }
}

TEST(Enformer, DropoutTakesNoPartInEvaluation) {
  EnformerConfig config = small_config();
  config.dropout_rate = config.attn_dropout = config.pos_dropout = 0.9;
  const at::Tensor with = output(*small_model(config), bases(1, 64), "human");
  config.dropout_rate = config.attn_dropout = config.pos_dropout = 0.0;
  EXPECT_TRUE(at::equal(with, output(*small_model(config), bases(1, 64), "human")));
}

TEST(Enformer, Bfloat16ProductsStayNearFloat32) {
  const auto model = small_model(small_config());
  const at::NoGradGuard no_grad;
  const Batch batch = bases(2, 256);
  const NamedTensors exact = model->forward(batch, Wanted::everything()).tensors;
  use_bfloat16_products(*model);
  for (const auto& [name, value] : model->forward(batch, Wanted::everything()).tensors) {
    const at::Tensor& expected = exact.at(name);
    EXPECT_LE(((value - expected).norm() / expected.norm()).item<double>(), 0.05) << name;
  }
  EXPECT_EQ(output(*model, batch, "human").scalar_type(), at::kFloat);
}

TEST(Enformer, RefusesBatchesThatItCannotRead) {
  EnformerConfig config = small_config();
  config.target_length = 9;
  const auto model = small_model(config);
  Batch batch = bases(1, 64);
  const auto run = [&] { return output(*model, batch, "human"); };
  EXPECT_ERROR(run(), "64 bases are 8 positions after 3 halvings, too few for target_length 9");
  batch.tensors["indices"][0][3] = 7;
  EXPECT_ERROR(run(), "'indices' holds 7; known are A 0, C 1, G 2, T 3, N 4 and -1");
  batch.tensors["indices"] = at::zeros({64}, at::kLong);
  EXPECT_ERROR(run(), "'indices' has shape [64]");
  batch.tensors["indices"] = at::zeros({1, 64});
  EXPECT_ERROR(run(), "needs integers");
  batch.tensors = {{"one_hot", at::zeros({1, 4, 64})}};
  EXPECT_ERROR(run(), "'one_hot' has shape [1, 4, 64]; the model needs [samples, bases, 4]");
  batch.tensors = {{"tokens", at::zeros({1, 4, 64})}};
  EXPECT_ERROR(run(), "neither 'indices'");
  batch.tensors = {{"indices", at::zeros({2, 0}, at::kLong)}};
  EXPECT_ERROR(run(), "no bases");
}

TEST(EnformerConfig, RefusesWhatMakesNoEnformer) {
  const auto resolve = [](const auto& change) {
    EnformerConfig config = small_config();
    change(config);
    config.resolve();
  };
  EXPECT_ERROR(resolve([](auto& c) { c.use_convnext = true; }), "use_convnext");
  EXPECT_ERROR(resolve([](auto& c) { c.num_downsamples = 2; }), "num_downsamples");
  EXPECT_ERROR(resolve([](auto& c) { c.dim_divisible_by = 7; }), "it must begin above 0 and end");
  EXPECT_ERROR(resolve([](auto& c) { c.heads = 3; }), "dim / heads is 8");
  EXPECT_ERROR(resolve([](auto& c) { c.target_length = 0; }), "target_length");
  EXPECT_ERROR(resolve([](auto& c) { c.dropout_rate = 1.0; }), "dropout_rate");
  EXPECT_ERROR(resolve([](auto& c) { c.output_heads = {{"a.b", 1}}; }), "'a.b' cannot be the name");
  EXPECT_ERROR(resolve([](auto& c) { c.output_heads = {{"human", 0}}; }), "output_heads.human");
  EXPECT_ERROR(resolve([](auto& c) { c.gamma = "tf"; }), "gamma: expected table");
  EXPECT_ERROR(resolve([](auto& c) { c.use_tf_gamma = true; }), "dim / heads must be 192, not 12");
  const auto contradict = [](auto& c) {
    c.use_tf_gamma = true;
    c.gamma = "position_axis";
  };
  EXPECT_ERROR(resolve(contradict), "use_tf_gamma true means 'table'");
}

TEST(EnformerPositions, TableIsThatOfThePublishedWeightsBitForBit) {
  const NamedTensors file =
      read_tensors(testing::golden("enformer_tf_gammas") / "tf_gammas.safetensors");
  EXPECT_TRUE(at::equal(enformer_gamma_table(), file.at("tf_gammas")));
  const at::Tensor features = enformer_positions(1536, 192, GammaFeatures::table);
  EXPECT_TRUE(at::equal(features.narrow(1, 64, 32), file.at("tf_gammas")));
}

TEST(EnformerPositions, TableServesItsOwnLengthAlone) {
  EXPECT_ERROR(enformer_positions(1535, 192, GammaFeatures::table), "here are 32 features of 1535");
  EnformerConfig config = small_config();
  config.dim = 192;
  config.dim_divisible_by = 32;
  config.heads = 1;
  config.depth = 1;
  config.use_tf_gamma = true;
  const auto model = small_model(config);
  const at::NoGradGuard no_grad;
  EXPECT_ERROR(output(*model, bases(1, 800), "embeddings"), "take position_axis");
  const at::Tensor features = output(*model, bases(1, 8 * 1536), "position_features");
  EXPECT_TRUE(at::equal(features.narrow(1, 64, 32), enformer_gamma_table()));
}

// d, then features 0, 1, 15, 31 of the position axis and of the feature axis.
TEST(EnformerPositions, FormulasGiveTheReferenceNumbers) {
  const at::Tensor by_position = enformer_positions(1536, 192, GammaFeatures::position_axis);
  const at::Tensor by_feature = enformer_positions(1536, 192, GammaFeatures::feature_axis);
  const auto gamma = [](const at::Tensor& features, int64_t d, int64_t f) {
    return features[1535 + d][64 + f].item<double>();
  };
  EXPECT_NEAR(gamma(by_position, 1, 0), 3.9662e-4, 1e-7);
  EXPECT_NEAR(gamma(by_position, 48, 0), 0.872011, 2e-5);
  EXPECT_NEAR(gamma(by_position, 48, 1), 0.088114, 2e-5);
  EXPECT_NEAR(gamma(by_position, 100, 0), 0.103480, 2e-5);
  EXPECT_NEAR(gamma(by_position, 100, 1), 0.917357, 2e-5);
  EXPECT_NEAR(gamma(by_position, 1535, 31), 1.0, 1e-6);
  EXPECT_NEAR(gamma(by_feature, 1, 0), 1.0, 1e-6);
  EXPECT_NEAR(gamma(by_feature, 1, 1), 1.35046e-3, 1e-7);
  EXPECT_NEAR(gamma(by_feature, 48, 1), 0.0924009, 2e-5);
  EXPECT_NEAR(gamma(by_feature, 100, 0), 0.123358, 2e-5);
  EXPECT_LE((by_position.narrow(1, 64, 32) - enformer_gamma_table()).abs().max().item<double>(),
            0.0025);
  const at::Tensor exponential = by_feature[1535 + 100].narrow(0, 0, 32);
  EXPECT_NEAR(exponential[0].item<double>(), 1.7263e-4, 1e-8);
  EXPECT_NEAR(exponential[15].item<double>(), 0.506297, 1e-6);
  EXPECT_EQ(by_feature[1535].narrow(0, 96, 96).abs().max().item<double>(), 0.0);
  EXPECT_EQ(by_feature[1535 - 3][96].item<double>(), -by_feature[1535 - 3][0].item<double>());
}

TEST(Enformer, ReferenceStepMovesTheStatisticsAndLeavesTheModelInEvaluation) {
  const auto model = small_model(small_config());
  Batch batch = bases(2, 64);
  EXPECT_TRUE(model->reference_loss(batch).losses.empty());
  batch.tensors["target_mouse"] = at::ones({2, 8, 2});
  const ReferenceLoss reference = model->reference_loss(batch);
  EXPECT_EQ(testing::names_of(reference.losses), std::vector<std::string>{"loss"});
  EXPECT_EQ(reference.after.at("stem.residual_norm.num_batches_tracked").item<int64_t>(), 1);
  EXPECT_FALSE(model->children()[0]->is_training());
  batch.tensors["target_mouse"] = at::ones({2, 7, 2});
  EXPECT_ERROR(model->reference_loss(batch),
               "'target_mouse' has shape [2, 7, 2]; the model predicts [2, 8, 2]");
  batch.tensors["target_dog"] = at::ones({2, 8, 2});
  EXPECT_ERROR(model->reference_loss(batch), "no head 'dog'");
}

TEST(Enformer, FrozenStatisticsStayInTraining) {
  const auto model = small_model(small_config());
  const at::Tensor stored = module_weights(*model).at("final_norm.running_mean").clone();
  model->train();
  freeze_batch_norms(*model, true);
  model->forward(bases(2, 64), {"human"});
  EXPECT_TRUE(at::equal(module_weights(*model).at("final_norm.running_mean"), stored));
  freeze_batch_norms(*model, false);
  model->forward(bases(2, 64), {"human"});
  EXPECT_FALSE(at::equal(module_weights(*model).at("final_norm.running_mean"), stored));
}

TEST(Enformer, NeverHoldsTheStemAtFullLength) {
  EnformerConfig config = small_config();
  config.dim = 252;
  config.dim_divisible_by = 1;
  config.depth = 0;
  const auto model = small_model(config);
  const at::NoGradGuard no_grad;
  const Batch batch = bases(1, int64_t{1} << 18);
  const double before = peak_megabytes();
  output(*model, batch, "conv_tower.1");
  // One [126, 262144] is 132 MB; the stem's output is half of it, and the tower's a quarter.
  EXPECT_LT(peak_megabytes() - before, 180.0);
}

}  // namespace
}  // namespace cohesin
