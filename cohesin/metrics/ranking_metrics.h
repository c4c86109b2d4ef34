#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohesin {

// Scores of a ranking: one score a sample, higher = more of the class. Tied scores are one step.
// All throw Error if inputs are empty, differ in length, or a score is NaN.

// One positive class against the rest: `truth` is 1 or 0.
// Area under the ROC curve; NaN if only one class occurs.
double auroc(std::span<const int64_t> truth, std::span<const double> score);

// Step sum of precision over recall, not a trapezoid; 0 without positives.
double average_precision(std::span<const int64_t> truth, std::span<const double> score);

// Points from the highest threshold (inf: nothing is called) to the lowest, one a distinct score.
// A rate without members (no positives, no negatives) is NaN.
struct RocCurve {
  std::vector<double> false_positive_rate, true_positive_rate, threshold;
};
RocCurve roc_curve(std::span<const int64_t> truth, std::span<const double> score);

// Thresholds ascend; the last point (precision 1, recall 0) has none. Without positives the
// recall is 1 at every threshold.
struct PrecisionRecallCurve {
  std::vector<double> precision, recall, threshold;
};
PrecisionRecallCurve precision_recall_curve(std::span<const int64_t> truth,
                                            std::span<const double> score);

// One class against the rest, for labels 0..K-1 and `probability` [n, K] row-major.
struct RankingByClass {
  std::vector<double> auroc;              // NaN where the class, or the rest, has no samples
  std::vector<double> average_precision;  // 0 where the class has no samples
  std::vector<int64_t> support;
};
RankingByClass ranking_by_class(std::span<const int64_t> truth, std::span<const double> probability,
                                int64_t num_classes);

// Mean over the declared classes; NaN as soon as one of them is undefined.
double macro_auroc(const RankingByClass& ranking);
// Mean weighted by support; absent classes do not count.
double weighted_auroc(const RankingByClass& ranking);
double macro_average_precision(const RankingByClass& ranking);

}  // namespace cohesin
