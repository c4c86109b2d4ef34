// What foreign files hold of a token encoder: names, copies, and tensors without a part here.
#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <regex>

#include "cohesin/base/error.h"
#include "cohesin/models/encoders/token_encoder.h"

namespace cohesin {
namespace {

const std::string kTable = "esm.embeddings.word_embeddings.weight";
const std::string kDecoder = "lm_head.decoder.weight";
const std::string kFrequencies = "esm.rotary_embeddings.inv_freq";

// Renames tensors whose whole name matches; "$1" as in std::regex.
void rename(NamedTensors& tensors, const std::string& pattern, const std::string& format) {
  const std::regex regex(pattern);
  NamedTensors renamed;
  for (auto item = tensors.begin(); item != tensors.end();) {
    std::smatch match;
    if (!std::regex_match(item->first, match, regex)) {
      ++item;
      continue;
    }
    renamed[match.format(format)] = item->second;
    item = tensors.erase(item);
  }
  tensors.merge(renamed);
}

// Takes the tensors out whose whole name matches.
NamedTensors take(NamedTensors& tensors, const std::string& pattern) {
  const std::regex regex(pattern);
  NamedTensors taken;
  for (auto item = tensors.begin(); item != tensors.end();) {
    const bool matches = std::regex_match(item->first, regex);
    if (matches) taken.insert(*item);
    item = matches ? tensors.erase(item) : std::next(item);
  }
  return taken;
}

void note(std::vector<ForeignNote>& notes, const NamedTensors& tensors, const std::string& why) {
  for (const auto& [name, tensor] : tensors) notes.push_back({name, why});
}

// Other spellings: TensorFlow's of a norm, which transformers 5 writes; fair-esm's prefixes; the
// JAX files' roots and older module names.
void undo_older_spellings(NamedTensors& foreign) {
  rename(foreign, "(.*)\\.gamma", "$1.weight");
  rename(foreign, "(.*)\\.beta", "$1.bias");
  rename(foreign,
         "encoder\\.(?:sentence_encoder\\.)?(embed_tokens|layers|emb_layer_norm|lm_head|"
         "contact_head)(.*)",
         "$1$2");
  rename(foreign, "(?:nucleotide_transformer[^/]*|esm_transformer)/(.*)",
         "nucleotide_transformer/$1");
  rename(foreign, "(.*)/mha_layer_norm/(.*)", "$1/self_attention_layer_norm/$2");
  rename(foreign, "(.*)/mha/(.*)", "$1/self_attention/$2");
  rename(foreign, "(.*)/esm_roberta_lm_head/(.*)", "$1/roberta_lm_head/$2");
}

// A decoder that is the table: one of the two names stays.
void untie(NamedTensors& foreign, const std::string& table, const std::string& decoder,
           const std::string& where, std::vector<ForeignNote>& notes) {
  const auto copy = foreign.find(decoder);
  if (copy == foreign.end()) return;
  const auto original = foreign.emplace(table, copy->second).first;
  if (!at::equal(original->second, copy->second))
    throw Error(
        "{}: the config ties '{}' to '{}', but the two differ: set tie_word_embeddings to "
        "false in the config, or give the weights that belong to it",
        where, decoder, table);
  notes.push_back({decoder, "tied: it is the table of the tokens"});
  foreign.erase(copy);
}

// Copies of the rotary frequencies, one a layer or one for all; kept where they are not those of
// the formula.
void join_frequencies(NamedTensors& foreign, const TokenEncoderConfig& config,
                      const std::string& where, std::vector<ForeignNote>& notes) {
  const NamedTensors copies = take(foreign, ".*(?:rotary_embeddings|rot_emb)\\.inv_freq");
  if (copies.empty()) return;
  if (!config.rotary()) return note(notes, copies, "the model has learned positions");
  const at::Tensor first = copies.begin()->second.to(at::kFloat);
  for (const auto& [name, tensor] : copies) {
    if (!at::equal(tensor.to(at::kFloat), first))
      throw Error("{}: '{}' and '{}' differ; rotary frequencies must be the same in all layers",
                  where, copies.begin()->first, name);
  }
  const at::Tensor formula =
      rotary_frequencies(config.hidden_size / config.num_attention_heads, config.rope_theta);
  if (first.sizes() == formula.sizes() && at::equal(first, formula)) {
    note(notes, copies, "rotary frequencies as the formula gives them");
  } else {
    foreign[kFrequencies] = first;
    note(notes, copies, "rotary frequencies as stored, other than the formula's: kept, once");
  }
}

}  // namespace

std::vector<ForeignNote> TokenEncoderConfig::tidy_foreign(NamedTensors& foreign,
                                                          const std::string& where) const {
  std::vector<ForeignNote> notes;
  undo_older_spellings(foreign);
  note(notes, take(foreign, "esm\\.embeddings\\.position_ids"), "numbers of rows, not learned");
  if (rotary())
    note(notes, take(foreign, "esm\\.embeddings\\.position_embeddings\\.weight"),
         "a table of positions that a rotary model does not read");
  note(notes, take(foreign, "esm\\.pooler\\..*"), "a pooling layer that the language model lacks");
  if (eos_token_id < 0)
    note(notes, take(foreign, "(?:esm\\.)?contact_head\\..*"), "contacts are defined for proteins");
  join_frequencies(foreign, *this, where, notes);
  if (tie_word_embeddings) {
    untie(foreign, kTable, kDecoder, where, notes);
    untie(foreign, "embed_tokens.weight", "lm_head.weight", where, notes);
  }
  return notes;
}

void TokenEncoderConfig::infer(const TensorShapes& foreign) {
  stored_frequencies = foreign.count(kFrequencies) != 0;
  contact_head = foreign.count("esm.contact_head.regression.weight") != 0 ||
                 foreign.count("contact_head.regression.weight") != 0;
}

WeightMap token_encoder_huggingface_names() {
  const std::string layer = "esm.encoder.layer.{i}.";
  WeightMap map = {
      {"word_embedding.weight", kTable},
      {"position_embedding.weight", "esm.embeddings.position_embeddings.weight"},
      {"rotary_frequencies", kFrequencies},
      {"lm_head_bias", "lm_head.bias"},
      {"lm_head_decoder.weight", kDecoder},
  };
  add_weights_and_biases(map,
                         {
                             {"embedding_norm", "esm.embeddings.layer_norm"},
                             {"transformer.{i}.attention_norm", layer + "attention.LayerNorm"},
                             {"transformer.{i}.attention.query", layer + "attention.self.query"},
                             {"transformer.{i}.attention.key", layer + "attention.self.key"},
                             {"transformer.{i}.attention.value", layer + "attention.self.value"},
                             {"transformer.{i}.attention.output", layer + "attention.output.dense"},
                             {"transformer.{i}.ffn_norm", layer + "LayerNorm"},
                             {"transformer.{i}.ffn_up", layer + "intermediate.dense"},
                             {"transformer.{i}.ffn_down", layer + "output.dense"},
                             {"final_norm", "esm.encoder.emb_layer_norm_after"},
                             {"lm_head_dense", "lm_head.dense"},
                             {"lm_head_norm", "lm_head.layer_norm"},
                             {"contact_head", "esm.contact_head.regression"},
                         });
  return map;
}

}  // namespace cohesin
