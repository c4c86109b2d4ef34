#include "cohesin/models/encoders/esm2.h"

namespace cohesin {

Esm2Config::Esm2Config() {
  vocab_size = 33;
  hidden_size = 1280;
  num_hidden_layers = 33;
  num_attention_heads = 20;
  intermediate_size = 5120;
  mask_token_id = 32;
  eos_token_id = 2;
  tie_word_embeddings = true;
  contact_head = true;
}

void Esm2Config::visit(Fields& field) {
  visit_common(field);
  field("eos_token_id", eos_token_id, "left out of the contacts");
  field("contact_head", contact_head, "contacts of residues from the attention maps");
}

bool Esm2Config::describes(const std::map<std::string, std::string>& keys) const {
  const auto says = [&keys](const char* key, const char* value) {
    const auto found = keys.find(key);
    return found != keys.end() && found->second == value;
  };
  return says("model_type", "\"esm\"") && says("vocab_size", "33");
}

Esm2::Esm2(const Esm2Config& config) : config_(config) {
  config_.resolve();
  build(config_);
}

WeightMap esm2_fair_names() {
  const std::string layer = "layers.{i}.";
  WeightMap map = {
      {"word_embedding.weight", "embed_tokens.weight"},
      {"rotary_frequencies", "esm.rotary_embeddings.inv_freq"},
      {"lm_head_bias", "lm_head.bias"},
      {"lm_head_decoder.weight", "lm_head.weight"},
  };
  add_weights_and_biases(map,
                         {
                             {"embedding_norm", "emb_layer_norm_before"},
                             {"transformer.{i}.attention_norm", layer + "self_attn_layer_norm"},
                             {"transformer.{i}.attention.query", layer + "self_attn.q_proj"},
                             {"transformer.{i}.attention.key", layer + "self_attn.k_proj"},
                             {"transformer.{i}.attention.value", layer + "self_attn.v_proj"},
                             {"transformer.{i}.attention.output", layer + "self_attn.out_proj"},
                             {"transformer.{i}.ffn_norm", layer + "final_layer_norm"},
                             {"transformer.{i}.ffn_up", layer + "fc1"},
                             {"transformer.{i}.ffn_down", layer + "fc2"},
                             {"final_norm", "emb_layer_norm_after"},
                             {"lm_head_dense", "lm_head.dense"},
                             {"lm_head_norm", "lm_head.layer_norm"},
                             {"contact_head", "contact_head.regression"},
                         });
  return map;
}

}  // namespace cohesin
