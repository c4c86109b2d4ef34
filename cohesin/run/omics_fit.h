#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/run/omics_training.h"
#include "cohesin/run/recipe.h"
#include "cohesin/run/task_targets.h"
#include "cohesin/train/train_loop.h"

namespace cohesin {

struct OmicsFit {
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
void fit_omics(const OmicsFit& fit);

}  // namespace cohesin
