#pragma once

#include <string>
#include <vector>

#include "cohesin/report/report_data.h"

namespace cohesin {

// The model against one baseline on the same test folds; positive = the model is better.
struct PairedDifference {
  std::string baseline;
  double mean = kNotANumber;  // of the per-fold differences; of the means without folds
  double low = kNotANumber;   // 95 % interval, NaN with fewer than 2 folds
  double high = kNotANumber;
  int folds = 0;         // paired folds with both values finite
  int folds_better = 0;  // folds in which the model is ahead
};

// Differences in `metric` between the model and every baseline, best baseline first. Folds of one
// cross-validation share training samples, so the variance is inflated as in Nadeau and Bengio
// 2003, doi:10.1023/A:1024068626366: (1/k + test/train) instead of 1/k, with Student's t of k-1
// degrees of freedom. `test_share` is test/(test + train); NaN means 1/k.
std::vector<PairedDifference> paired_differences(const ReportCondition& condition,
                                                 const std::string& metric, double test_share);

enum class Winner { kModel, kBaseline, kTie, kNobody };  // nobody: there is nothing to compare

struct Verdict {
  Winner winner = Winner::kNobody;
  bool is_clear = false;  // the paired interval excludes zero
  std::string headline;   // "A baseline wins: logistic."
  std::string detail;     // the numbers behind it, one or two sentences
};

// Who wins one condition, said plainly. The winner is who has the higher mean; whether the folds
// decide it is said beside.
Verdict judge(const ReportCondition& condition, const std::string& metric, const std::string& model,
              double test_share);

// The score of `metric`, or nullptr.
const ScoreSummary* find_score(const MethodScores& method, const std::string& metric);

// Quantile 0.975 of Student's t; degrees_of_freedom >= 1.
double student_t_975(int degrees_of_freedom);

}  // namespace cohesin
