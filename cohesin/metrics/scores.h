#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cohesin {

// What a model said about samples whose outcome is known, as plain columns: one kind a task.

struct ClassOutcomes {
  int64_t num_classes = 0;
  std::vector<int64_t> truth, predicted;  // 0..K-1
  std::vector<double> probability;        // [n, K]
};

struct SurvivalOutcomes {
  std::vector<double> time_days;
  std::vector<int64_t> event;             // 1 = observed
  std::vector<double> risk;               // higher = earlier
  std::vector<double> horizons_days;      // H, rising
  std::vector<double> survival;           // [n, H] probability to live beyond each horizon
  std::vector<std::string> cohort_names;  // below two: scores are not told by cohort
  std::vector<int64_t> cohort;            // [n] into cohort_names
};

struct ValueOutcomes {
  int64_t num_targets = 1;
  std::vector<double> truth;      // [n, T]; NaN = not measured
  std::vector<double> predicted;  // [n, T]
};

using Outcomes = std::variant<ClassOutcomes, SurvivalOutcomes, ValueOutcomes>;

// "classification", "survival" or "regression".
std::string task_name(const Outcomes& outcomes);

size_t num_samples(const Outcomes& outcomes);

// The metrics of a task in their order, NaN where undefined:
// classification: accuracy, balanced_accuracy, macro_f1 and weighted_f1 (classes present in truth
//   or prediction), auroc and average_precision (one against the rest, macro over the declared
//   classes), mcc, log_loss (nats), ece (15 bins of the top label);
// survival: those of score_survival;
// regression: r2, pearson, spearman, mse, each the mean over the targets for which it is defined.
using MetricValues = std::vector<std::pair<std::string, double>>;
// `training`: other samples, which estimate the censoring of survival; nullptr = unknown.
MetricValues score_outcomes(const Outcomes& outcomes, const SurvivalOutcomes* training = nullptr);

struct MetricSummary {
  double mean = 0;                  // over the folds where the metric is defined; NaN if none is
  double sd = 0;                    // with n - 1; NaN below two such folds
  std::array<double, 2> ci95 = {};  // percentile bootstrap of the mean; NaN where undefined
  std::vector<double> folds;        // one value a fold; without folds the one value
};

// The scores of rows that were predicted from the same modalities with the same one hidden.
struct GroupScores {
  std::string modalities;      // those used, comma-separated; "any" = all rows whatever they had
  std::string hidden;          // empty = none
  int64_t num_samples = 0;     // scored rows
  int64_t num_unlabelled = 0;  // rows left out, for their outcome is not known
  std::vector<std::string> fold_names;
  std::vector<std::pair<std::string, MetricSummary>> metrics;
};

struct Bootstrap {
  uint64_t seed = 0;
  int64_t num_resamples = 1000;
};

// `folds`: the fold of each sample, or empty. A fold is scored by itself and the values are
// averaged; the bootstrap draws samples anew within each fold. Folds come in numeric order where
// all are integers, else in order of text. Fills everything but the group's names. The censoring
// of survival is estimated on the samples of the other folds; without folds on `training`.
GroupScores summarize_scores(const Outcomes& outcomes, const std::vector<std::string>& folds,
                             const Bootstrap& bootstrap = {},
                             const SurvivalOutcomes* training = nullptr);

struct Scores {
  std::string task;
  std::vector<GroupScores> groups;
  std::vector<std::pair<std::string, std::vector<GroupScores>>> baselines;  // by name
  std::vector<std::string> notes;  // what a reader must know before the numbers
};

// The text of scores.json; NaN becomes null.
std::string write_scores(const Scores& scores);

}  // namespace cohesin
