#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/encode/omics_encoder.h"
#include "cohesin/omics/multi_omics.h"
#include "cohesin/run/omics_predict.h"
#include "cohesin/run/recipe.h"
#include "cohesin/run/task_targets.h"
#include "cohesin/stats/baseline.h"

namespace cohesin {

// A plain method fitted on the training samples of a fold, with the scaling it was fitted on.
struct FittedBaseline {
  TaskConfig task;
  Calibration calibration;  // survival: the baseline hazard of the training samples
  std::shared_ptr<const OmicsEncoder> encoder;
  std::shared_ptr<Baseline> method;
};

// Throws Error for a name that is no baseline, or one that does not answer the task.
void check_baseline(const std::string& name, const TaskConfig& task);

// Fits `name` (see stats/baseline.h) on those of `train` whose outcome is known, on values
// transformed and scaled as in the model. The penalty is chosen by macro F1, or the C-index, over
// three inner folds of patients, drawn from (train.seed, patient). Throws Error for a method that
// does not answer the recipe's task.
FittedBaseline fit_baseline(const std::string& name, const Recipe& recipe,
                            const std::shared_ptr<const MultiOmics>& cohort,
                            const std::vector<int64_t>& train, const TaskTargets& targets);

// As predict_samples.
SamplePredictions predict_baseline(const FittedBaseline& baseline,
                                   const std::shared_ptr<const MultiOmics>& cohort,
                                   const std::vector<int64_t>& samples, const std::string& hidden,
                                   Part part = Part::whole);

// FOLDER of `baselines/FOLDER` for a name; a colon becomes a dash.
std::string folder_of_baseline(const std::string& name);

// A checkpoint folder with the method's arrays, whole or absent.
void save_baseline(const FittedBaseline& baseline, const std::filesystem::path& folder);
// Those of all folds below `folder` (`fold_K`); throws Error if there is none.
std::vector<FittedBaseline> load_baselines(const std::filesystem::path& folder);

// Baselines that are trained as the recipe's model is: `mlp`, and `model:NAME`, the recipe itself
// on the modality NAME alone (empty for mlp).
bool is_trained_baseline(const std::string& name);
std::string modality_of_baseline(const std::string& name);
Recipe trained_baseline_recipe(const std::string& name, const Recipe& recipe);

// The baseline `mlp`: the shallow path alone with settings of its own, whatever the recipe trains.
Recipe mlp_baseline_recipe(const Recipe& recipe);

}  // namespace cohesin
