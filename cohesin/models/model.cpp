#include "cohesin/models/model.h"

#include <torch/nn/module.h>

#include "cohesin/base/error.h"
#include "cohesin/models/masked_lm_loss.h"
#include "cohesin/nn/transformer.h"

namespace cohesin {

bool Wanted::any(const std::string& prefix) const {
  if (all_ || named(prefix)) return true;
  const auto next = names_.lower_bound(prefix + ".");
  return next != names_.end() && next->rfind(prefix + ".", 0) == 0;
}

const at::Tensor& Outputs::at(const std::string& name) const {
  if (const auto found = tensors.find(name); found != tensors.end()) return found->second;
  std::string list;
  for (const auto& [key, tensor] : tensors) list += (list.empty() ? "" : ", ") + key;
  throw Error("the model gave no output '{}'; it gave: {}", name, list.empty() ? "none" : list);
}

ReferenceLoss OmicsModel::reference_loss(const Batch& batch) {
  Batch masked;
  std::set<std::string> wanted;
  bool any_labels = false;
  for (const auto& omic : omics()) {
    any_labels = any_labels || batch.has(input_key(omic, "mlm_labels"));
    wanted.insert(logits_name(omic));
  }
  if (!any_labels) return {};
  for (const auto& omic : omics()) {
    if (continuous(omic)) {
      for (const auto* kind : {"values", "hidden"}) {
        masked.tensors[input_key(omic, kind)] = batch.at(input_key(omic, kind));
      }
    } else {
      masked.tensors[input_key(omic, "tokens")] = batch.at(input_key(omic, "mlm_tokens"));
    }
  }
  const Outputs outputs = forward(masked, Wanted(wanted));
  std::vector<MaskedLmTarget> targets;
  for (const auto& omic : omics()) {
    targets.push_back(
        {outputs.at(logits_name(omic)), checked_input(batch, input_key(omic, "mlm_labels"))});
  }
  return {{{"mlm_loss", masked_lm_loss(targets, OmicsMean::together)}}, {}};
}

const at::Tensor& OmicsModel::checked_input(const Batch& batch, const std::string& key) const {
  const at::Tensor& input = batch.at(key);
  if (input.dim() != 2 || input.size(1) != sequence_length()) {
    throw Error("'{}' has shape {}; the model needs [samples, {}]", key, shape_text(input),
                sequence_length());
  }
  return input;
}

at::Tensor OmicsModel::embedded(const std::string& omic, const Batch& batch) {
  const std::string key = input_key(omic, "embedded");
  if (!batch.has(key)) return embed(omic, batch);
  const at::Tensor& given = batch.at(key);
  if (given.dim() != 3 || given.size(1) != sequence_length())
    throw Error("'{}' has shape {}; the model needs [samples, {}, width]", key, shape_text(given),
                sequence_length());
  return given;
}

LayerTaps layer_taps(const Wanted& wanted, int64_t num_layers,
                     const std::vector<int64_t>& embeddings_to_save,
                     const std::vector<int64_t>& attention_to_save) {
  LayerTaps taps;
  if (wanted.all()) {
    taps.embeddings.insert(embeddings_to_save.begin(), embeddings_to_save.end());
    taps.attention_maps.insert(attention_to_save.begin(), attention_to_save.end());
  }
  for (int64_t k = 1; k <= num_layers; ++k) {
    if (wanted.named("embeddings_" + std::to_string(k))) taps.embeddings.insert(k);
    if (wanted.named("attention_map_layer_" + std::to_string(k))) taps.attention_maps.insert(k);
  }
  return taps;
}

void check_layers(const char* key, const std::vector<int64_t>& layers, int64_t num_layers) {
  for (const int64_t layer : layers) {
    if (layer < 1 || layer > num_layers) {
      throw Error("{}: there is no layer {}; layers count from 1 to num_layers = {}", key, layer,
                  num_layers);
    }
  }
}

int64_t resolve_key_size(std::optional<int64_t> key_size, int64_t embed_dim, int64_t num_heads) {
  check_at_least("embed_dim", embed_dim, 1);
  check_at_least("num_attention_heads", num_heads, 1);
  if (key_size) {
    check_at_least("key_size", *key_size, 1);
    return *key_size;
  }
  if (embed_dim % num_heads != 0) {
    throw Error(
        "embed_dim {} is no multiple of num_attention_heads {}: set key_size or change one of them",
        embed_dim, num_heads);
  }
  return embed_dim / num_heads;
}

void check_at_least(const char* key, int64_t value, int64_t lowest) {
  if (value < lowest) throw Error("{}: expected at least {}, got {}", key, lowest, value);
}

}  // namespace cohesin
