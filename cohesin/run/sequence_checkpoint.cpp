#include "cohesin/run/sequence_checkpoint.h"

#include <torch/nn/module.h>

#include "cohesin/base/error.h"
#include "cohesin/models/model_registry.h"
#include "cohesin/models/weight_map.h"
#include "cohesin/nn/adapter.h"
#include "cohesin/run/adapter_base.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {

std::shared_ptr<SequenceModel> make_sequence_model(const Recipe& recipe) {
  recipe.model->resolve();
  auto model = std::dynamic_pointer_cast<SequenceModel>(make_model(*recipe.model));
  if (model == nullptr)
    throw Error(
        "model.name: '{}' does not read tokens of sequences; known are esm2 and "
        "nucleotide_transformer",
        recipe.model_name);
  return model;
}

std::shared_ptr<const SequenceTokenizer> make_sequence_tokenizer(Recipe& recipe,
                                                                 const SequenceModel& model) {
  SequenceTokenizerConfig config = tokenizer_for_vocabulary(model.tokenizer(), model.vocab_size());
  config.mode = recipe.sequence_tokenizer.mode;
  config.policies = recipe.sequence_tokenizer.policies;
  recipe.sequence_tokenizer = config;
  auto tokenizer = std::make_shared<const SequenceTokenizer>(config);
  if (recipe.task.has_head() && recipe.task.pool == "cls" && !tokenizer->vocabulary().adds_cls)
    throw Error("task.pool is cls, but the model has no <cls>; set it to mean");
  if (recipe.task.per_letter && tokenizer->vocabulary().k > 0)
    throw Error("task.per_letter needs a token a letter; those of '{}' are {}-mers",
                recipe.model_name, tokenizer->vocabulary().k);
  return tokenizer;
}

SequenceLimit sequence_limit(const TaskConfig& task, const SequenceModel& model) {
  const int64_t known = model.max_tokens();
  if (known > 0 && task.max_tokens > known)
    throw Error("task.max_tokens is {}; the model has positions for {}", task.max_tokens, known);
  return {task.max_tokens > 0 ? task.max_tokens : model.trained_tokens(), task.too_long == "crop"};
}

std::map<std::string, std::string> sequence_checkpoint_texts(const Recipe& recipe) {
  Recipe copy = recipe;
  return {{"config.json", write_json([&copy](Fields& field) { copy.visit(field); })}};
}

SequenceCheckpoint load_sequence_checkpoint(const std::filesystem::path& path,
                                            const std::filesystem::path& base) {
  SequenceCheckpoint checkpoint;
  checkpoint.folder = resolve_checkpoint(path);
  const CheckpointContent content = read_with_base(checkpoint.folder, base);
  const std::string where = (checkpoint.folder / "config.json").string();
  const auto config = content.text_files.find("config.json");
  if (config == content.text_files.end()) throw Error("{}: missing", where);
  checkpoint.recipe = parse_recipe(config->second, where);
  if (const auto text = content.text_files.find("calibration.json");
      text != content.text_files.end())
    read_config(checkpoint.calibration, text->second,
                (checkpoint.folder / "calibration.json").string());
  const auto model = make_sequence_model(checkpoint.recipe);
  checkpoint.tokenizer = make_sequence_tokenizer(checkpoint.recipe, *model);
  if (!checkpoint.recipe.task.has_head()) return checkpoint;
  if (const AdapterConfig& adapter = checkpoint.recipe.adapter; !adapter.is_none())
    attach_adapter(*model, adapter, 0);
  checkpoint.predictor = std::make_shared<SequencePredictor>(model, checkpoint.recipe.task, 0);
  load_module_weights(*checkpoint.predictor, content.model,
                      checkpoint_weights(checkpoint.folder).string());
  checkpoint.predictor->eval();
  return checkpoint;
}

}  // namespace cohesin
