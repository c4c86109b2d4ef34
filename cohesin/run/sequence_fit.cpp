#include "cohesin/run/sequence_fit.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/io/sequence_cohort.h"
#include "cohesin/run/choose_settings.h"
#include "cohesin/run/foreign_model.h"
#include "cohesin/run/letter_samples.h"
#include "cohesin/run/sequence_checkpoint.h"
#include "cohesin/run/sequence_encoder.h"
#include "cohesin/run/sequence_training.h"
#include "cohesin/train/checkpoint.h"
#include "cohesin/train/freeze.h"

namespace cohesin {

namespace {

namespace fs = std::filesystem;

// The model and its tokenizer before training: fresh, or from a checkpoint.
struct Start {
  std::shared_ptr<SequenceModel> model;
  std::shared_ptr<const SequenceTokenizer> tokenizer;
  fs::path checkpoint;  // that it is from; empty: fresh
};

Start fresh_start(Recipe& recipe, uint64_t seed) {
  const auto model = make_sequence_model(recipe);
  initialise(*model, seed);
  return {model, make_sequence_tokenizer(recipe, *model), {}};
}

Start start_from(const fs::path& init, Recipe& recipe) {
  SequenceEncoder encoder = load_sequence_encoder(init);
  if (!encoder.checkpoint.adapter.is_none())
    throw Error(
        "{}: holds an adapter; fold it into the weights to start from it: "
        "cohesin convert --checkpoint {} --merge --out DIR",
        init.string(), init.string());
  recipe.model_name = encoder.checkpoint.entry->name;
  recipe.model = encoder.checkpoint.config;
  recipe.sequence_tokenizer = encoder.tokenizer.config();
  const bool is_theirs = is_hugging_face_folder(init);
  return {encoder.model, make_sequence_tokenizer(recipe, *encoder.model),
          is_theirs ? init : resolve_checkpoint(init)};
}

Start make_start(const fs::path& init, Recipe& recipe, uint64_t seed) {
  return init.empty() ? fresh_start(recipe, seed) : start_from(init, recipe);
}

std::shared_ptr<const SequenceDataset> make_dataset(const CohortFit& fit, const Recipe& recipe,
                                                    const Start& start) {
  auto dataset = std::make_shared<const SequenceDataset>(fit.cohort, start.tokenizer,
                                                         sequence_limit(recipe.task, *start.model));
  if (dataset->num_cropped() > 0)
    log_warning(
        "{} of {} sequences are too long and cut ({})", dataset->num_cropped(),
        fit.cohort->num_samples(),
        recipe.task.has_head() ? "their beginning is seen" : "a window drawn each epoch is seen");
  return dataset;
}

void fit_masked_lm(const CohortFit& fit, const fs::path& folder, Recipe recipe,
                   const TrainSettings& settings, const Start& start,
                   const TrainingSamples& samples) {
  recipe.task.name = "masked_lm";
  recipe.task.per_letter = false;
  recipe.train = settings;
  recipe.pretraining.reset();
  const std::string base = recipe.adapter.is_none()
                               ? ""
                               : put_adapter(fit, folder, recipe, *start.model, start.checkpoint);
  SequenceMaskedLmTraining training(start.model, make_dataset(fit, recipe, start), samples,
                                    recipe.task, settings);
  apply_freeze(training, parse_freeze(settings.freeze, "train"));
  auto texts = sequence_checkpoint_texts(recipe);
  if (!base.empty()) texts["base.json"] = base;
  run_training(fit, folder, training, recipe, std::move(texts));
}

void fit_head(const CohortFit& fit, const fs::path& folder, const Recipe& recipe,
              const Start& start, const TrainingSamples& samples, const TaskTargets& targets) {
  const std::string base = recipe.adapter.is_none()
                               ? ""
                               : put_adapter(fit, folder, recipe, *start.model, start.checkpoint);
  auto predictor = std::make_shared<SequencePredictor>(start.model, recipe.task,
                                                       static_cast<uint64_t>(recipe.train.seed));
  SequenceHeadTraining training(predictor, make_dataset(fit, recipe, start), targets, samples,
                                recipe.task, recipe.train);
  apply_freeze(training, parse_freeze(recipe.train.freeze, "train"));
  auto texts = sequence_checkpoint_texts(recipe);
  if (!base.empty()) texts["base.json"] = base;
  run_training(fit, folder, training, recipe, std::move(texts));
}

// Letters or samples, and which of them belong to a sample.
struct Asked {
  std::shared_ptr<const MultiOmics> cohort;
  std::vector<int64_t> first;  // [samples + 1]

  std::vector<int64_t> of(const std::vector<int64_t>& samples) const {
    std::vector<int64_t> items;
    for (const int64_t sample : samples) {
      const auto i = static_cast<size_t>(sample);
      for (int64_t item = first[i]; item < first[i + 1]; ++item) items.push_back(item);
    }
    return items;
  }
};

Asked what_is_asked(const CohortFit& fit, const TaskConfig& task) {
  Asked asked{fit.cohort, {0}};
  if (task.per_letter)
    asked.cohort = std::make_shared<const MultiOmics>(letters_as_samples(*fit.cohort, task.target));
  for (const auto& letters : fit.cohort->sequences_at(kSequenceModality).letters)
    asked.first.push_back(asked.first.back() +
                          (task.per_letter ? static_cast<int64_t>(letters.size()) : 1));
  return asked;
}

void check(const Recipe& recipe) {
  const TaskConfig& task = recipe.task;
  if (task.wide_path())
    throw Error(
        "task.shallow_path and task.linear_path read values of genes; '{}' reads sequences: leave "
        "them out",
        recipe.model_name);
  if (!task.deep_path) throw Error("task.deep_path is off; '{}' has no other", recipe.model_name);
  if (task.per_letter && recipe.search)
    throw Error("task.per_letter goes without a section `search`, which is for whole samples");
  const TrainSettings& train = recipe.train;
  if (train.modality_dropout > 0 || train.single_modality_weight > 0 || train.consistency != "none")
    throw Error(
        "train.modality_dropout, single_modality_weight and consistency are for several "
        "modalities; the sequence is one: leave them out");
}

}  // namespace

void fit_sequences(const CohortFit& given) {
  CohortFit fit = given;
  check(fit.recipe);
  if (fit.recipe.search) fit.recipe = choose_settings(fit);
  Recipe recipe = fit.recipe;
  make_folder(fit.out);
  const bool with_head = recipe.task.has_head();
  const Asked asked = what_is_asked(fit, recipe.task);
  const TaskTargets targets = read_targets(*asked.cohort, recipe.task, asked.of(fit.train));
  const auto knows = [&](int64_t sample) {
    if (targets.empty()) return true;
    const std::vector<int64_t> items = asked.of({sample});
    return std::any_of(items.begin(), items.end(),
                       [&targets](int64_t item) { return targets.known(item); });
  };
  const TrainingSamples samples =
      divide(fit, knows, recipe.task.per_letter ? std::vector<int64_t>{} : targets.strata());
  write_sample_lists(fit, samples);
  const TrainingSamples all = pretraining_samples(fit, samples);
  fs::path init = fit.init;
  if (recipe.pretraining && with_head) {
    Recipe before = recipe;
    before.adapter = {};
    const auto seed = static_cast<uint64_t>(recipe.pretraining->seed);
    const Start start = make_start(init, before, seed);
    fit_masked_lm(fit, fit.out / "pretraining", before, *recipe.pretraining, start, all);
    init = fit.out / "pretraining";
  }
  if (fit.only_pretraining) return;
  fit_seeds(fit, recipe, [&](const Recipe& one, const fs::path& folder) {
    Recipe member = one;
    const Start start = make_start(init, member, static_cast<uint64_t>(member.train.seed));
    if (with_head)
      fit_head(fit, folder, member, start, samples, targets);
    else
      fit_masked_lm(fit, folder, member, member.train, start, samples);
  });
}

}  // namespace cohesin
