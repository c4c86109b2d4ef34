#include "cohesin/run/sequence_encoder.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/nn/layers.h"

namespace cohesin {
namespace {

// The tokenizer of the checkpoint's config.json, by default that of the model's vocabulary.
SequenceTokenizerConfig tokenizer_config(const ModelCheckpoint& checkpoint,
                                         const SequenceModel& model, const std::string& where) {
  SequenceTokenizerConfig config = tokenizer_for_vocabulary(model.tokenizer(), model.vocab_size());
  const auto text = checkpoint.text_files.find("config.json");
  if (text == checkpoint.text_files.end()) return config;
  const auto json = nlohmann::json::parse(text->second, nullptr, true, true);
  if (!json.contains("tokenizers") || !json["tokenizers"].contains("sequence")) return config;
  read_config(config, json["tokenizers"]["sequence"].dump(), where + ": tokenizers.sequence");
  return config;
}

}  // namespace

SequenceEncoder load_sequence_encoder(const std::filesystem::path& path,
                                      const std::vector<std::string>& letters,
                                      const std::string& precision) {
  ModelCheckpoint checkpoint = load_model_checkpoint(path);
  auto model = std::dynamic_pointer_cast<SequenceModel>(checkpoint.model);
  if (!model)
    throw Error("{}: a '{}' does not read sequences; --fasta needs a model of sequences",
                path.string(), checkpoint.entry->name);
  SequenceTokenizerConfig config = tokenizer_config(checkpoint, *model, path.string());
  for (const auto& assignment : letters)
    set_field([&config](Fields& field) { config.policies.visit(field); }, assignment);
  SequenceTokenizer tokenizer(config);
  const auto num_words = static_cast<int64_t>(tokenizer.vocabulary().words.size());
  if (num_words != model->vocab_size())
    throw Error("{}: the tokenizer has {} words, the model's table {} rows", path.string(),
                num_words, model->vocab_size());
  if (precision == "bf16") use_bfloat16_products(*model);
  return {std::move(checkpoint), std::move(model), std::move(tokenizer)};
}

std::vector<at::Tensor> forward_packed(SequenceModel& model,
                                       const std::vector<const std::vector<int32_t>*>& token_lists,
                                       const std::string& name) {
  std::vector<int64_t> ids, lengths;
  for (const auto* tokens : token_lists) {
    ids.insert(ids.end(), tokens->begin(), tokens->end());
    lengths.push_back(static_cast<int64_t>(tokens->size()));
  }
  Batch batch;
  batch.tensors["input_ids"] = at::tensor(ids, at::kLong);
  batch.tensors["lengths"] = at::tensor(lengths, at::kLong);
  const c10::InferenceMode inference;
  const at::Tensor rows_ND =
      model.forward(batch, {name}).at(name).to(at::kCPU, at::kFloat).contiguous();
  return rows_ND.split_with_sizes(lengths);
}

}  // namespace cohesin
