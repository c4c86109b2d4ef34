#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "cohesin/stats/cox.h"

namespace cohesin {

// The follow-up of some samples.
struct SurvivalTargets {
  std::vector<double> time_days;
  std::vector<int64_t> event;    // 1 = observed, 0 = censored
  std::vector<int64_t> stratum;  // samples compete within one; empty = all in one
};

// Minus Cox's log partial likelihood a event, of risk [B]: risk sets are those of the batch. Zero
// without an event. Value and gradient are those of cox_likelihood, in double.
at::Tensor cox_loss(const at::Tensor& risk_B, const SurvivalTargets& targets, CoxTies ties);

// Discrete hazards (Gensheimer and Narasimhan 2019): one logit an interval of time, [B,K]; `ends`
// are the rising ends of the K intervals in days. Minus the log likelihood a sample: of outliving
// each interval but the one in which its event lies. A censored sample counts for the intervals
// that it was followed through for half or more; an event beyond the last end outlives all.
at::Tensor discrete_hazard_loss(const at::Tensor& logits_BK, const SurvivalTargets& targets,
                                const std::vector<double>& ends);
// Ends of `count` intervals with about as many events each (fewer where events tie); throws Error
// without an event.
std::vector<double> interval_ends(const SurvivalTargets& targets, int64_t count);
// The probability [B,T] to live beyond each of `days`, with a constant hazard within an interval
// and, beyond the last end, that of the last one.
at::Tensor discrete_survival(const at::Tensor& logits_BK, const std::vector<double>& ends,
                             const std::vector<double>& days);
// Minus the mean time lived up to the last end, as a part of it: in -1..0, higher = earlier.
at::Tensor discrete_risk(const at::Tensor& logits_BK, const std::vector<double>& ends);

}  // namespace cohesin
