#include "cohesin/models/encoders/token_encoder.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "cohesin/models/encoders/esm2.h"
#include "cohesin/models/encoders/nucleotide_transformer.h"
#include "tests/models/published_tensors.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

Esm2Config small_config() {
  Esm2Config config;
  config.hidden_size = 24;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 3;
  config.intermediate_size = 40;
  return config;
}

template <typename Model, typename Config>
std::shared_ptr<Model> filled(const Config& config) {
  auto model = std::make_shared<Model>(config);
  at::manual_seed(5);
  const at::NoGradGuard no_grad;
  for (auto& parameter : model->parameters()) parameter.normal_(0.0, 0.3);
  model->eval();
  return model;
}

// Three proteins of 9, 4 and 12 tokens with one <mask>, padded to the longest and packed.
const std::vector<std::vector<int64_t>> kSequences = {
    {0, 5, 6, 32, 8, 9, 10, 11, 2}, {0, 20, 19, 2}, {0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 2}};

Batch padded() {
  Batch batch;
  at::Tensor ids = at::ones({3, 12}, at::kLong);
  for (int64_t i = 0; i < 3; ++i) {
    for (size_t k = 0; k < kSequences[i].size(); ++k) ids[i][int64_t(k)] = kSequences[i][k];
  }
  batch.tensors["input_ids"] = ids;
  return batch;
}

Batch packed() {
  Batch batch;
  std::vector<int64_t> ids, lengths;
  for (const auto& sequence : kSequences) {
    ids.insert(ids.end(), sequence.begin(), sequence.end());
    lengths.push_back(int64_t(sequence.size()));
  }
  batch.tensors["input_ids"] = at::tensor(ids, at::kLong);
  batch.tensors["lengths"] = at::tensor(lengths, at::kLong);
  return batch;
}

TEST(Esm2, PublishedConfigurationHasExactlyThePublishedTensors) {
  Esm2Config config;
  config.hidden_size = 640;
  config.num_hidden_layers = 30;
  config.intermediate_size = 2560;
  testing::expect_published_tensors(Esm2(config), token_encoder_huggingface_names(),
                                    "esm2_t30_150M_UR50D.tsv", 490, 148'140'154);
}

TEST(NucleotideTransformer, PublishedConfigurationsHaveExactlyThePublishedTensors) {
  testing::expect_published_tensors(
      NucleotideTransformer(NucleotideTransformerConfig()), token_encoder_huggingface_names(),
      "nucleotide-transformer-v2-250m-multi-species.tsv", 345, 233'545'995);
  NucleotideTransformerConfig first;
  first.hidden_size = 1280;
  first.num_attention_heads = 20;
  first.intermediate_size = 5120;
  first.vocab_size = 4105;
  first.max_position_embeddings = 1002;
  first.position_embedding_type = "absolute";
  first.feed_forward = "gelu";
  first.ffn_bias = true;
  testing::expect_published_tensors(NucleotideTransformer(first), token_encoder_huggingface_names(),
                                    "nucleotide-transformer-500m.tsv", 394, 485'698'825);
}

TEST(TokenEncoder, PackedSequencesGiveWhatPaddedOnesGive) {
  NucleotideTransformerConfig absolute;
  absolute.vocab_size = 73;
  absolute.hidden_size = 24;
  absolute.num_hidden_layers = 2;
  absolute.num_attention_heads = 3;
  absolute.intermediate_size = 40;
  absolute.position_embedding_type = "absolute";
  absolute.token_dropout = true;
  absolute.mask_token_id = 32;
  absolute.emb_layer_norm_before = true;
  const std::vector<std::shared_ptr<TokenEncoder>> models = {
      filled<Esm2>(small_config()), filled<NucleotideTransformer>(absolute)};
  for (const auto& model : models) {
    const Outputs a = model->forward(padded(), Wanted::everything());
    const Outputs b = model->forward(packed(), Wanted::everything());
    const at::Tensor is_token = padded().at("input_ids") != 1;
    for (const std::string name :
         {"hidden_states.0", "hidden_states.1", "hidden_states.2", "logits"}) {
      EXPECT_TRUE(at::allclose(a.at(name).index({is_token}), b.at(name), 1e-5, 1e-5)) << name;
    }
  }
}

// Rounding to bfloat16 is 0.4 % of a value; here it goes through two layers and a head.
TEST(TokenEncoder, Bfloat16ProductsStayNearFloat32) {
  Esm2Config untied = small_config();
  untied.tie_word_embeddings = false;
  for (const Esm2Config& config : {small_config(), untied}) {
    const auto model = filled<Esm2>(config);
    const c10::InferenceMode inference;
    const NamedTensors exact = model->forward(packed(), Wanted::everything()).tensors;
    const NamedTensors exact_padded = model->forward(padded(), Wanted::everything()).tensors;
    use_bfloat16_products(*model);
    for (const auto& [name, value] : model->forward(packed(), Wanted::everything()).tensors) {
      EXPECT_EQ(value.scalar_type(), at::kFloat) << name;
      EXPECT_LE(((value - exact.at(name)).norm() / exact.at(name).norm()).item<double>(), 0.02)
          << name;
    }
    for (const auto& [name, value] : model->forward(padded(), Wanted::everything()).tensors) {
      EXPECT_LE(
          ((value - exact_padded.at(name)).norm() / exact_padded.at(name).norm()).item<double>(),
          0.02)
          << name;
    }
  }
}

TEST(TokenEncoder, GivesTheLayersAskedForAndNoMore) {
  const auto model = filled<Esm2>(small_config());
  const Outputs out = model->forward(padded(), {"hidden_states.1"});
  EXPECT_EQ(testing::names_of(out.tensors), (std::vector<std::string>{"hidden_states.1"}));
  const Outputs with_map = model->forward(padded(), {"hidden_states.1", "attentions.0"});
  EXPECT_TRUE(at::allclose(out.at("hidden_states.1"), with_map.at("hidden_states.1"), 1e-5, 1e-5));
}

TEST(TokenEncoder, BadInputIsRefusedByName) {
  const auto model = filled<Esm2>(small_config());
  Batch batch = padded();
  batch.tensors["input_ids"][1][2] = 33;
  EXPECT_ERROR(model->forward(batch, {"logits"}), "has the id 33; the vocabulary has the ids 0 to");
  batch.tensors["input_ids"][1][2] = -1;
  EXPECT_ERROR(model->forward(batch, {"logits"}), "has the id -1");
  batch = packed();
  batch.tensors["lengths"][0] = 8;
  EXPECT_ERROR(model->forward(batch, {"logits"}), "'lengths' must hold the lengths");
  batch = padded();
  batch.tensors["attention_mask"] = at::ones({3, 4});
  EXPECT_ERROR(model->forward(batch, {"logits"}), "'attention_mask' has shape [3, 4]");
  NucleotideTransformerConfig absolute;
  absolute.vocab_size = 73;
  absolute.hidden_size = 24;
  absolute.num_hidden_layers = 1;
  absolute.num_attention_heads = 3;
  absolute.intermediate_size = 40;
  absolute.position_embedding_type = "absolute";
  absolute.max_position_embeddings = 12;
  const auto short_model = filled<NucleotideTransformer>(absolute);
  EXPECT_EQ(short_model->max_tokens(), 10);
  EXPECT_ERROR(short_model->forward(padded(), {"logits"}),
               "a sequence of 12 tokens; the model has positions for 10");
}

TEST(TokenEncoder, ConfigsThatCannotBeAreRefused) {
  const auto refusal = [](auto change) {
    Esm2Config config = small_config();
    change(config);
    try {
      Esm2 model(config);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  EXPECT_THAT(refusal([](auto& c) { c.hidden_act = "relu"; }), ::testing::HasSubstr("hidden_act"));
  EXPECT_THAT(refusal([](auto& c) { c.position_embedding_type = "relative_key"; }),
              ::testing::HasSubstr("expected rotary or absolute, got 'relative_key'"));
  EXPECT_THAT(refusal([](auto& c) { c.mask_token_id = 33; }),
              ::testing::HasSubstr("mask_token_id: 33 is outside the vocabulary"));
  EXPECT_THAT(refusal([](auto& c) { c.num_attention_heads = 5; }),
              ::testing::HasSubstr("no multiple"));
}

// A file as Hugging Face writes it for this model.
NamedTensors foreign(const TokenEncoder& model, const WeightMap& names) {
  const NamedTensors own = module_weights(model);
  return export_weights(bind_weights(names, testing::names_of(own)), own);
}

TEST(TokenEncoder, TiedDecoderMayStandUnderEitherNameOrBoth) {
  const Esm2Config config = small_config();
  const auto model = filled<Esm2>(config);
  NamedTensors both = foreign(*model, token_encoder_huggingface_names());
  const std::string table = "esm.embeddings.word_embeddings.weight";
  both["lm_head.decoder.weight"] = both.at(table).clone();
  NamedTensors one = both;
  one.erase(table);
  for (NamedTensors* file : {&both, &one}) {
    const auto notes = config.tidy_foreign(*file, "model.safetensors");
    EXPECT_EQ(notes.size(), 1U);
    EXPECT_EQ(notes[0].name, "lm_head.decoder.weight");
    EXPECT_EQ(file->count("lm_head.decoder.weight"), 0U);
    EXPECT_TRUE(at::equal(file->at(table), module_weights(*model).at("word_embedding.weight")));
  }
  both["lm_head.decoder.weight"] = both.at(table) + 1;
  EXPECT_ERROR(config.tidy_foreign(both, "model.safetensors"),
               "model.safetensors: the config ties 'lm_head.decoder.weight'");
}

TEST(TokenEncoder, StoredFrequenciesWinOverTheFormula) {
  Esm2Config config = small_config();
  const auto model = filled<Esm2>(config);
  NamedTensors file = foreign(*model, token_encoder_huggingface_names());
  const at::Tensor formula = rotary_frequencies(8);
  const auto layer = [](int i) {
    return "esm.encoder.layer." + std::to_string(i) + ".attention.self.rotary_embeddings.inv_freq";
  };
  file[layer(0)] = formula;
  file[layer(1)] = formula;
  config.tidy_foreign(file, "f");
  config.infer(shapes_of(file));
  EXPECT_FALSE(config.stored_frequencies);

  const at::Tensor rounded = formula.to(at::kHalf);
  file[layer(0)] = rounded;
  file[layer(1)] = rounded;
  config.tidy_foreign(file, "f");
  config.infer(shapes_of(file));
  EXPECT_TRUE(config.stored_frequencies);
  Esm2 other(config);
  const NamedTensors own = module_weights(other);
  const auto bindings = bind_weights(token_encoder_huggingface_names(), testing::names_of(own));
  load_module_weights(other, import_weights(bindings, file, shapes_of(own), "f"), "f");
  other.eval();
  EXPECT_TRUE(at::equal(own.at("rotary_frequencies"), rounded.to(at::kFloat)));
  const at::Tensor a = model->forward(padded(), {"logits"}).at("logits");
  EXPECT_FALSE(at::equal(a, other.forward(padded(), {"logits"}).at("logits")));

  file[layer(1)] = formula;
  file[layer(0)] = rounded;
  EXPECT_ERROR(config.tidy_foreign(file, "f"), "must be the same in all layers");
}

TEST(TokenEncoder, OlderSpellingsReadToTheSameWeights) {
  Esm2Config config = small_config();
  const auto model = filled<Esm2>(config);
  const NamedTensors own = module_weights(*model);
  const auto read_back = [&](NamedTensors file, const WeightMap& names) {
    const auto notes = config.tidy_foreign(file, "f");
    const NamedTensors ours =
        import_weights(bind_weights(names, testing::names_of(own)), file, shapes_of(own), "f");
    for (const auto& [name, tensor] : own) EXPECT_TRUE(at::equal(ours.at(name), tensor)) << name;
    return notes.size();
  };
  NamedTensors fair;
  for (const auto& [name, tensor] : foreign(*model, esm2_fair_names()))
    fair["encoder.sentence_encoder." + name] = tensor;
  fair["encoder.lm_head.weight"] = fair.at("encoder.sentence_encoder.embed_tokens.weight").clone();
  EXPECT_EQ(read_back(fair, esm2_fair_names()), 1U);
  NamedTensors hugging_face = foreign(*model, token_encoder_huggingface_names());
  for (const std::string kind : {"attention.LayerNorm", "LayerNorm"}) {  // as transformers 5 writes
    const std::string norm = "esm.encoder.layer.0." + kind;
    for (const auto& [now, then] : {std::pair{".weight", ".gamma"}, {".bias", ".beta"}}) {
      hugging_face[norm + then] = hugging_face.at(norm + now);
      hugging_face.erase(norm + now);
    }
  }
  hugging_face["esm.embeddings.position_ids"] = at::arange(1026).unsqueeze(0);
  hugging_face["esm.embeddings.position_embeddings.weight"] = at::zeros({1026, 24});
  EXPECT_EQ(read_back(hugging_face, token_encoder_huggingface_names()), 2U);
}

}  // namespace
}  // namespace cohesin
