#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/run/recipe.h"
#include "cohesin/run/task_targets.h"
#include "cohesin/run/training_samples.h"
#include "cohesin/train/train_loop.h"

namespace cohesin {

struct CohortFit {
  Recipe recipe;
  std::shared_ptr<const MultiOmics> cohort;
  std::vector<int64_t> train;       // samples, indices into the cohort
  std::vector<int64_t> validation;  // given by a split file; empty: drawn by the recipe's fraction
  std::vector<int64_t> unlabelled;  // seen in pre-training only
  std::filesystem::path out;
  std::filesystem::path init;  // a checkpoint or run folder to start from; may be empty
  bool resume = false;
  bool only_pretraining = false;  // stop after the section `pretraining`
  Precision precision = Precision::fp32;
  std::string title = "training";
};

// Trains by the recipe and leaves a run folder: `config.json` (the recipe with its defaults),
// `inner_split.tsv`, `training_samples.tsv` (see leakage.h) and the training's files; with
// `train.seeds` above 1 one run folder `seed_K` each; with `pretraining` that run's folder
// `pretraining`. The settings of a section `search` are chosen first, see choose_settings.h.
// Encoders are fitted on the training part alone. Throws Error for data that do not fit the recipe.
void fit_cohort(const CohortFit& fit);

// What every kind of model does alike:

// The fit's samples for training, and the validation part that it gives or the recipe has drawn.
// Only samples with a known outcome (`knows`); parts keep the shares of `strata`, see
// TaskTargets::strata, which may be empty. Throws Error when none is left to train on.
TrainingSamples divide(const CohortFit& fit, const std::function<bool(int64_t)>& knows,
                       const std::vector<int64_t>& strata);
// All samples that pre-training sees: also those without an outcome, but none held out.
TrainingSamples pretraining_samples(const CohortFit& fit, const TrainingSamples& samples);
// Writes inner_split.tsv and training_samples.tsv.
void write_sample_lists(const CohortFit& fit, const TrainingSamples& samples);

// Trains in `folder`; `texts` go into every checkpoint. An adapter's checkpoints have base.json
// among them and hold what is learned alone.
void run_training(const CohortFit& fit, const std::filesystem::path& folder, Trainable& training,
                  const Recipe& recipe, std::map<std::string, std::string> texts);

// Trains the recipe's seeds one after the other by `fit_member`, each in a folder of its own.
void fit_seeds(const CohortFit& fit, const Recipe& recipe,
               const std::function<void(const Recipe&, const std::filesystem::path&)>& fit_member);

// Puts the recipe's adapter on the model that `start` has (empty: it is not trained yet, an Error);
// returns the text of base.json.
std::string put_adapter(const CohortFit& fit, const std::filesystem::path& folder,
                        const Recipe& recipe, torch::nn::Module& model,
                        const std::filesystem::path& start);

}  // namespace cohesin
