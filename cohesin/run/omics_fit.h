#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/run/omics_training.h"
#include "cohesin/run/recipe.h"
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
  Precision precision = Precision::fp32;
  std::string title = "training";
};

// Trains by the recipe and leaves a run folder: `config.json` (the recipe with its defaults),
// `inner_split.tsv`, and the training's files; with `train.seeds` above 1 one run folder
// `seed_K` each; with `pretraining` that run's folder `pretraining`. Encoders are fitted on the
// training part alone. Throws Error for data that do not fit the recipe.
void fit_omics(const OmicsFit& fit);

// Labels as class numbers, -1 = no label.
struct ClassLabels {
  std::vector<std::string> classes;  // sorted; by value where all are numbers
  std::vector<int64_t> labels;       // [cohort samples]
};

// The classes of `target` among `samples`. Throws Error for an unknown column or fewer than two
// classes.
ClassLabels class_labels(const MultiOmics& cohort, const std::string& target,
                         const std::vector<int64_t>& samples);
// The same with known classes; other values count as no label.
std::vector<int64_t> labels_by_class(const MultiOmics& cohort, const std::string& target,
                                     const std::vector<std::string>& classes);

// The validation part of `samples`: about `fraction` of the patients of every class (`labels`
// may be empty), drawn from (seed, patient name), so that it does not depend on the order.
std::vector<int64_t> draw_validation(const MultiOmics& cohort, const std::vector<int64_t>& samples,
                                     const std::vector<int64_t>& labels, double fraction,
                                     uint64_t seed);

// The patient of each sample: column `patient`, else the sample.
std::vector<std::string> patients_of(const MultiOmics& cohort);

}  // namespace cohesin
