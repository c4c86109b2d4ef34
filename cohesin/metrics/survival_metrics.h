#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cohesin/metrics/concordance.h"
#include "cohesin/stats/kaplan_meier.h"

namespace cohesin {

// Scores of survival predictions that weigh samples by the inverse probability of not being
// censored, `uncensored`, which is estimated in the training samples; all throw Error where it is 0
// or unknown (beyond the training follow-up) at a time that needs it. Numbers follow
// scikit-survival.

// Uno's concordance (Uno et al. 2011). Pairs whose earlier time is `tau` or later do not count;
// infinity keeps all. NaN if no pair is comparable. n log n.
double concordance_ipcw(const CensoringCurve& uncensored, const FollowUp& test,
                        std::span<const double> risk, double tau);

// The AUC of cases (event up to t) against controls (followed beyond t), at each of the rising
// `times` (Uno et al. 2007). NaN where there is no case or no control.
struct DynamicAuc {
  std::vector<double> auc;
  double mean = 0;  // over times, weighted by the fall of survival between them
};
DynamicAuc cumulative_dynamic_auc(const CensoringCurve& uncensored, const FollowUp& test,
                                  std::span<const double> risk, std::span<const double> times);

// `survival` [n, times]: the predicted probability of being event-free at each of the rising
// `times` (Graf et al. 1999). Nobody may be followed beyond the training follow-up; an event
// where the probability is 0 has no weight. Throws Error
// for probabilities that are NaN or outside 0..1.
std::vector<double> brier_scores(const CensoringCurve& uncensored, const FollowUp& test,
                                 std::span<const double> survival, std::span<const double> times);
// Trapezoid over `times`, divided by their range; two times at least.
double integrated_brier_score(const CensoringCurve& uncensored, const FollowUp& test,
                              std::span<const double> survival, std::span<const double> times);

// D-calibration (Haider et al. 2020): predicted survival at each sample's own time should be
// uniform. A censored sample is spread over the bins below its probability.
struct DCalibration {
  std::vector<double> bin_counts;  // equal bins of 0..1
  double statistic = 0;            // chi-square with bins - 1 degrees of freedom
  double p_value = 1;              // small: not calibrated
};
DCalibration d_calibration(std::span<const int64_t> event,
                           std::span<const double> survival_at_own_time, int64_t num_bins = 10);

}  // namespace cohesin
