#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cohesin/base/run_record.h"
#include "cohesin/run/recipe.h"
#include "cohesin/run/run_options.h"
#include "cohesin/train/train_loop.h"

namespace cohesin {

// What every verb that trains sets up.

Precision parse_precision(const std::string& text);

// A recipe with assignments after it. Started from a model of sequences it takes that one's name,
// so that it need not say it.
Recipe read_recipe_for(const std::filesystem::path& path, std::vector<std::string> assignments,
                       const std::filesystem::path& init);

// The file with the weights of the checkpoint to start from; empty without one.
std::filesystem::path weights_of_start(const std::filesystem::path& init);

// The record of a run with this recipe on these input files (empty paths are left out).
RunRecord record_of(const Recipe& recipe, const RunOptions& options,
                    const std::vector<std::filesystem::path>& inputs);

}  // namespace cohesin
