#include "cohesin/models/encoders/nucleotide_transformer.h"

namespace cohesin {
namespace {

// The width of the first feed-forward, by either name; 0 if the file has none.
int64_t first_width(const TensorShapes& foreign, const std::string& name, size_t axis) {
  const auto found = foreign.find(name);
  return found != foreign.end() && found->second.size() == 2 ? found->second[axis] : 0;
}

}  // namespace

NucleotideTransformerConfig::NucleotideTransformerConfig() {
  vocab_size = 4107;
  hidden_size = 768;
  num_hidden_layers = 24;
  num_attention_heads = 16;
  intermediate_size = 3072;
  max_position_embeddings = 2050;
  mask_token_id = 2;
  token_dropout = false;
  feed_forward = "gated_silu";
  ffn_bias = false;
  layer_norm_eps = 0;
}

void NucleotideTransformerConfig::visit(Fields& field) {
  visit_common(field);
  field("feed_forward", feed_forward, "gelu (version 1) or gated_silu (version 2)");
  field("add_bias_fnn", ffn_bias, "biases in the feed-forward");
}

void NucleotideTransformerConfig::resolve() {
  if (layer_norm_eps == 0) layer_norm_eps = 1e-12;
  TokenEncoderConfig::resolve();
}

// Both models call themselves "esm"; this one's vocabulary holds words of DNA.
bool NucleotideTransformerConfig::describes(const std::map<std::string, std::string>& keys) const {
  const auto type = keys.find("model_type"), size = keys.find("vocab_size");
  return type != keys.end() && type->second == "\"esm\"" && size != keys.end() &&
         size->second != "33";
}

void NucleotideTransformerConfig::infer(const TensorShapes& foreign) {
  TokenEncoderConfig::infer(foreign);
  const int64_t theirs = first_width(foreign, "esm.encoder.layer.0.intermediate.dense.weight", 0);
  const int64_t jax = first_width(foreign, "nucleotide_transformer/attention_layer_0/~/fc1/w", 1);
  const bool is_plain = theirs + jax == intermediate_size;
  feed_forward = is_plain ? "gelu" : "gated_silu";
  if (is_plain) ffn_bias = true;
  if (layer_norm_eps == 0 && jax != 0) layer_norm_eps = 1e-5;
}

NucleotideTransformer::NucleotideTransformer(const NucleotideTransformerConfig& config)
    : config_(config) {
  config_.resolve();
  build(config_);
}

WeightMap nucleotide_transformer_haiku_names() {
  const std::string m = "nucleotide_transformer/";
  const std::string layer = m + "attention_layer_{i}/~/", head = m + "~/roberta_lm_head/~/";
  WeightMap map = {
      {"word_embedding.weight", m + "~/embed/embeddings"},
      {"position_embedding.weight", m + "~/esm_learned_positional_embeddings/~/embed/embeddings"},
      {"lm_head_decoder.weight", head + "lm_final_fc/w", "io->oi"},
      {"lm_head_bias", head + "lm_final_fc/b"}};
  const std::vector<std::pair<std::string, std::string>> linear = {
      {"transformer.{i}.attention.query", layer + "self_attention/query"},
      {"transformer.{i}.attention.key", layer + "self_attention/key"},
      {"transformer.{i}.attention.value", layer + "self_attention/value"},
      {"transformer.{i}.attention.output", layer + "self_attention/mha_output"},
      {"transformer.{i}.ffn_up", layer + "fc1"},
      {"transformer.{i}.ffn_down", layer + "fc2"},
      {"lm_head_dense", head + "lm_head_fc_1"},
  };
  for (const auto& [ours, theirs] : linear) {
    map.push_back({ours + ".weight", theirs + "/w", "io->oi"});
    map.push_back({ours + ".bias", theirs + "/b"});
  }
  const std::vector<std::pair<std::string, std::string>> norm = {
      {"embedding_norm", m + "~/emb_layer_norm_before"},
      {"transformer.{i}.attention_norm", layer + "self_attention_layer_norm"},
      {"transformer.{i}.ffn_norm", layer + "final_layer_norm"},
      {"final_norm", head + "emb_layer_norm_after"},
      {"lm_head_norm", head + "lm_head_layer_norm"},
  };
  for (const auto& [ours, theirs] : norm) {
    map.push_back({ours + ".weight", theirs + "/scale"});
    map.push_back({ours + ".bias", theirs + "/offset"});
  }
  return map;
}

}  // namespace cohesin
