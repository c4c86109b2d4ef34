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

}  // namespace cohesin
