#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cohesin/metrics/scores.h"
#include "cohesin/omics/prediction_table.h"

namespace cohesin {

// The scores of each (modalities, hidden) group of the table, in the order in which they first
// occur. Where rows with the same modality hidden used different modalities (samples that lack
// one), the group "any" of all of them comes first. Rows with an unknown outcome are left out and
// counted; a group of such rows alone is left out. A table of several kinds (a joint task) has the
// metrics of each. `training`: follow-up that estimates the censoring where the table has no folds.
// Throws Error naming `where` if no row can be scored.
std::vector<GroupScores> score_predictions(const PredictionTable& table, const std::string& where,
                                           const Bootstrap& bootstrap = {},
                                           const SurvivalOutcomes* training = nullptr);

// "classification", "survival", "regression", or "joint" for several of them.
std::string task_name(const PredictionTable& table);

// A person's view of scores.json: a line a metric and group, "0.811 +- 0.031 [0.780, 0.838]".
std::string describe_scores(const Scores& scores);

struct ScoreOptions {
  std::filesystem::path predictions;
  std::filesystem::path out;  // scores.json
  uint64_t seed = 0;
  bool force = false;
};

// The verb `score`: reads the table, writes scores.json, returns what it wrote.
Scores run_score(const ScoreOptions& options);

}  // namespace cohesin
