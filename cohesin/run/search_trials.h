#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cohesin/run/search_space.h"

namespace cohesin {

// search.tsv: a row a trial with its settings, its score on each inner fold (empty = not done yet,
// NA = cannot be scored there), their mean, and whether it was chosen.
struct SearchTable {
  std::string metric;  // the name of the mean's column
  std::vector<SearchTrial> trials;
  std::vector<std::vector<std::optional<double>>> scores;  // [trials, inner folds]
  std::optional<size_t> chosen;

  double mean(size_t trial) const;     // over inner folds that could be scored; NaN without any
  std::optional<size_t> best() const;  // the first of those with the highest mean
  std::string text() const;
};

// Fills in the scores that an earlier run left in `path`. Throws Error if it is of another search.
void read_scores_done(const std::filesystem::path& path, SearchTable& table);

// What was chosen in a run folder, or in each fold of a crossval folder: "fold 1", then
// "task.linear_penalty=0.3 (c_index 0.71, the best of 3)". Empty where nothing was searched.
std::vector<std::pair<std::string, std::string>> read_chosen_settings(
    const std::filesystem::path& folder);

}  // namespace cohesin
