#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/run/run_options.h"

namespace cohesin {

struct TrainOptions {
  std::filesystem::path recipe, data, out;
  std::filesystem::path split;           // empty: all samples train
  std::filesystem::path init;            // empty: from scratch
  std::vector<std::string> assignments;  // --set section.key=value
  std::optional<int64_t> seed;
  bool pretrain_on_unassigned = false;
  bool allow_shared_patients = false;
  bool resume = false, force = false;
  RunOptions run;
};

// `cohesin train`: pre-trains or fine-tunes as the recipe's task says; see docs/checkpoints.md for
// what it leaves in `out`.
void train_recipe(const TrainOptions& options);

}  // namespace cohesin
