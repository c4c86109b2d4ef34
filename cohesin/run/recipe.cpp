#include "cohesin/run/recipe.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/models/model.h"
#include "cohesin/models/model_registry.h"
#include "cohesin/run/search_space.h"

namespace cohesin {

namespace {

// The section `model`: which one, then its own keys.
struct ModelSection {
  Recipe& recipe;
  void visit(Fields& field) {
    field("name", recipe.model_name,
          "mojo or bulk_rna_bert (cohorts), esm2 or nucleotide_transformer (sequences), enformer "
          "(tracks)");
    recipe.model->visit(field);
  }
};

// The section `tokenizers` of a model that reads sequences.
struct SequenceTokenizers {
  SequenceTokenizerConfig& config;
  void visit(Fields& field) { field("sequence", config, "how letters become tokens"); }
};

nlohmann::json parse_text(const std::string& text, const std::string& where) {
  try {
    return nlohmann::json::parse(text, nullptr, true, true);
  } catch (const nlohmann::json::exception& error) {
    throw Error("{}: not a JSON recipe: {}", where, error.what());
  }
}

bool assigns(const std::vector<std::string>& assignments, const std::string& prefix) {
  for (const auto& assignment : assignments)
    if (assignment.compare(0, prefix.size(), prefix) == 0) return true;
  return false;
}

void check(const Recipe& recipe, const std::string& where) {
  recipe.task.check(where);
  recipe.missing_genes_policy();
  recipe.train.check("train");
  if (!recipe.adapter.is_none() && recipe.train.freeze != "all")
    throw Error(
        "{}: adapter.name is {}, which leaves the model as it is, and train.freeze is '{}', which "
        "trains it; leave train.freeze out (or all), or set adapter.name to none",
        where, recipe.adapter.name, recipe.train.freeze);
  if (recipe.pretraining) recipe.pretraining->check("pretraining");
  if (recipe.search) check_search(recipe, where);
}

}  // namespace

void Recipe::visit(Fields& field) {
  ModelSection section{*this};
  field("model", section, "which model, with the authors' keys");
  visit_all_but_model(field);
}

void Recipe::visit_all_but_model(Fields& field) {
  SequenceTokenizers sequences{sequence_tokenizer};
  if (reads_sequences())
    field("tokenizers", sequences, "how sequences become tokens");
  else
    field("tokenizers", tokenizers, "how values become tokens, by modality");
  field("task", task, "what the model is asked");
  field("adapter", adapter, "a few numbers learned beside a frozen model");
  field("train", train, "how it is trained");
  if (pretraining) field("pretraining", *pretraining, "masked language modelling beforehand");
  if (search) field("search", *search, "settings chosen inside the training part");
  field("baselines", baselines, "plain methods run on the same folds");
  field("missing_genes", missing_genes,
        "genes that the model knows and a cohort lacks: error, zero or mask");
}

bool Recipe::reads_sequences() const {
  return dynamic_cast<const OmicsModelConfig*>(model.get()) == nullptr;
}

std::string describe_recipe() {
  std::string text;
  for (const auto& entry : model_registry()) {
    if (entry.name == "omics_heads") continue;  // heads alone are no model to train
    text += fmt::format("With model.name {}:\n", entry.name);
    Recipe recipe;
    recipe.model_name = entry.name;
    recipe.model = entry.make_config();
    ModelSection section{recipe};
    SequenceTokenizers tokenizers{recipe.sequence_tokenizer};
    text += describe_fields([&](Fields& field) {
      field("model", section);
      if (recipe.reads_sequences()) field("tokenizers", tokenizers);
    });
    text += '\n';
  }
  Recipe recipe;
  recipe.model = make_model_config(recipe.model_name);
  recipe.tokenizers["NAME"] = {};
  recipe.search.emplace().space["KEY"] = {};
  text += describe_fields([&recipe](Fields& field) { recipe.visit_all_but_model(field); });
  return text + "\nThe section `pretraining` has the keys of `train`.\n";
}

Recipe parse_recipe(const std::string& text, const std::string& where,
                    const std::vector<std::string>& assignments) {
  const nlohmann::json json = parse_text(text, where);
  Recipe recipe;
  if (json.is_object() && json.contains("model") && json["model"].is_object() &&
      json["model"].contains("name") && json["model"]["name"].is_string())
    recipe.model_name = json["model"]["name"];
  for (const auto& assignment : assignments) {
    const std::string key = "model.name=";
    if (assignment.compare(0, key.size(), key) == 0)
      recipe.model_name = assignment.substr(key.size());
  }
  recipe.model = make_model_config(recipe.model_name);
  if ((json.is_object() && json.contains("pretraining")) || assigns(assignments, "pretraining."))
    recipe.pretraining.emplace();
  if (json.is_object() && (json.contains("search") || assigns(assignments, "search.")))
    recipe.search.emplace();
  const Visit visit = [&recipe](Fields& field) { recipe.visit(field); };
  read_json(visit, text, where);
  for (const auto& assignment : assignments) set_field(visit, assignment);
  recipe.task.resolve();
  const bool names_freeze = assigns(assignments, "train.freeze=") ||
                            (json.contains("train") && json["train"].contains("freeze"));
  recipe.adapter.resolve(where);
  if (!recipe.adapter.is_none() && !names_freeze) recipe.train.freeze = "all";
  check(recipe, where);
  return recipe;
}

Recipe with_settings(const Recipe& recipe, const std::vector<std::string>& assignments,
                     const std::string& where) {
  Recipe plain = recipe;
  plain.search.reset();
  const std::string text = write_json([&plain](Fields& field) { plain.visit(field); });
  try {
    return parse_recipe(text, where, assignments);
  } catch (const Error& error) {  // the settings do not come from the command line
    const std::string what = error.what(), command_line = "--set: ";
    if (what.rfind(command_line, 0) != 0) throw;
    throw Error("{}: {}", where, what.substr(command_line.size()));
  }
}

Recipe read_recipe(const std::filesystem::path& path, const std::vector<std::string>& assignments) {
  return parse_recipe(read_text(path), path.string(), assignments);
}

}  // namespace cohesin
