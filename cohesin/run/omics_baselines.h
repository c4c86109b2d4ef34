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
#include "cohesin/stats/baseline.h"

namespace cohesin {

// A plain method fitted on the training samples of a fold, with the scaling it was fitted on.
struct FittedBaseline {
  std::string target;
  std::vector<std::string> classes;
  std::shared_ptr<const OmicsEncoder> encoder;
  std::shared_ptr<Baseline> method;
};

// Fits `name` (see stats/baseline.h) on the labelled ones of `train`, on values transformed and
// scaled as in the model. The penalty is chosen by macro F1 over three inner folds of patients,
// drawn from (train.seed, patient). `labels` has one entry a cohort sample, -1 = none.
FittedBaseline fit_baseline(const std::string& name, const Recipe& recipe,
                            const std::shared_ptr<const MultiOmics>& cohort,
                            const std::vector<int64_t>& train, const std::vector<int64_t>& labels);

// As predict_classes.
ClassProbabilities predict_baseline(const FittedBaseline& baseline,
                                    const std::shared_ptr<const MultiOmics>& cohort,
                                    const std::vector<int64_t>& samples, const std::string& hidden);

// FOLDER of `baselines/FOLDER` for a name; a colon becomes a dash.
std::string folder_of_baseline(const std::string& name);

// A checkpoint folder with the method's arrays, whole or absent.
void save_baseline(const FittedBaseline& baseline, const std::filesystem::path& folder);
// Those of all folds below `folder` (`fold_K`); throws Error if there is none.
std::vector<FittedBaseline> load_baselines(const std::filesystem::path& folder);

// The baseline `mlp`: the shallow path alone with settings of its own, whatever the recipe trains.
Recipe mlp_baseline_recipe(const Recipe& recipe);

}  // namespace cohesin
