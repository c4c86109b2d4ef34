#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/base/fields.h"
#include "cohesin/encode/sequence_tokenizer.h"
#include "cohesin/encode/value_tokenizer.h"
#include "cohesin/nn/adapter.h"
#include "cohesin/omics/gene_id.h"
#include "cohesin/run/search_settings.h"
#include "cohesin/tasks/task_config.h"
#include "cohesin/train/train_settings.h"

namespace cohesin {

struct ModelConfig;

// A recipe, and the config.json of every checkpoint: the same sections.
struct Recipe {
  std::string model_name = "mojo";
  std::shared_ptr<ModelConfig> model;  // of the registry's entry `model_name`; never null
  std::map<std::string, TokenizerConfig> tokenizers;  // by modality; absent ones take defaults
  SequenceTokenizerConfig sequence_tokenizer;         // instead, of a model that reads sequences
  TaskConfig task;
  AdapterConfig adapter;
  TrainSettings train;
  std::optional<TrainSettings> pretraining;
  std::optional<SearchSettings> search;  // never in a checkpoint: there it is done
  std::vector<std::string> baselines;
  std::string missing_genes = "mask";

  bool reads_sequences() const;  // the model has no gene axis
  MissingGenes missing_genes_policy() const { return parse_missing_genes(missing_genes); }

  void visit(Fields& field);
  void visit_all_but_model(Fields& field);
};

// "name  default  help" rows of every key that a recipe may hold, for each model.
std::string describe_recipe();

// From JSON text (comments allowed), with `assignments` ("train.epochs=3") applied after it.
// Throws Error naming `where` for unknown keys and values out of range.
Recipe parse_recipe(const std::string& text, const std::string& where,
                    const std::vector<std::string>& assignments = {});
// A copy with other settings (and without `search`): nothing is shared. `where` names the
// assignments in errors.
Recipe with_settings(const Recipe& recipe, const std::vector<std::string>& assignments,
                     const std::string& where);
Recipe read_recipe(const std::filesystem::path& path,
                   const std::vector<std::string>& assignments = {});

}  // namespace cohesin
