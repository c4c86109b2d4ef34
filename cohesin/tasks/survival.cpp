#include "cohesin/tasks/survival.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace cohesin {

at::Tensor cox_loss(const at::Tensor& risk_B, const SurvivalTargets& targets, CoxTies ties) {
  const at::Tensor risk = risk_B.detach().to(at::kCPU, at::kDouble).contiguous();
  const double* begin = risk.const_data_ptr<double>();
  const CoxLikelihood likelihood =
      cox_likelihood(targets.time_days, targets.event, {begin, static_cast<size_t>(risk.numel())},
                     ties, targets.stratum);
  const auto num_events = static_cast<double>(
      std::max<int64_t>(1, std::count(targets.event.begin(), targets.event.end(), 1)));
  const at::Tensor slope_B =
      at::tensor(likelihood.gradient, at::kDouble).to(risk_B.options()) / -num_events;
  // Linear in the risk with the right slope, moved to the right value.
  const at::Tensor line = (risk_B * slope_B).sum();
  return line + (-likelihood.log_likelihood / num_events - line.detach());
}

}  // namespace cohesin
