#include "cohesin/tasks/survival.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <iterator>

#include "cohesin/base/error.h"

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

at::Tensor discrete_hazard_loss(const at::Tensor& logits_BK, const SurvivalTargets& targets,
                                const std::vector<double>& ends) {
  const auto samples = std::ssize(targets.time_days), intervals = std::ssize(ends);
  at::Tensor lived = at::zeros({samples, intervals}, at::kFloat), ended = at::zeros_like(lived);
  float* lived_BK = lived.data_ptr<float>();
  float* ended_BK = ended.data_ptr<float>();
  for (int64_t b = 0; b < samples; ++b) {
    const double time = targets.time_days[static_cast<size_t>(b)];
    double start = 0;
    for (int64_t k = 0; k < intervals; ++k) {
      const double end = ends[static_cast<size_t>(k)];
      const int64_t at = b * intervals + k;
      if (time > end) {
        lived_BK[at] = 1;
      } else if (targets.event[static_cast<size_t>(b)] == 1) {
        ended_BK[at] = 1;
        break;
      } else {
        lived_BK[at] = time >= (start + end) / 2 ? 1 : 0;
        break;
      }
      start = end;
    }
  }
  const at::Tensor log_hazard = at::log_sigmoid(logits_BK), log_lived = at::log_sigmoid(-logits_BK);
  return -(ended.to(logits_BK.options()) * log_hazard + lived.to(logits_BK.options()) * log_lived)
              .sum() /
         static_cast<double>(std::max<int64_t>(1, samples));
}

std::vector<double> interval_ends(const SurvivalTargets& targets, int64_t count) {
  std::vector<double> times;
  for (size_t i = 0; i < targets.event.size(); ++i)
    if (targets.event[i] == 1) times.push_back(targets.time_days[i]);
  if (times.empty()) throw Error("intervals of time need an observed event");
  std::sort(times.begin(), times.end());
  std::vector<double> ends;
  for (int64_t k = 1; k <= count; ++k) {
    const auto last = static_cast<size_t>(k * std::ssize(times) / count);
    const double end = times[std::max<size_t>(last, 1) - 1];
    if (end > 0 && (ends.empty() || end > ends.back())) ends.push_back(end);
  }
  if (ends.empty()) throw Error("all events are at time 0; intervals of time need a later one");
  return ends;
}

at::Tensor discrete_survival(const at::Tensor& logits_BK, const std::vector<double>& ends,
                             const std::vector<double>& days) {
  const at::Tensor log_lived_BK = at::log_sigmoid(-logits_BK);
  // How much of each interval lies before each day; the last goes on for ever.
  at::Tensor share_KT = at::zeros({std::ssize(ends), std::ssize(days)}, at::kDouble);
  for (int64_t k = 0; k < std::ssize(ends); ++k) {
    const double start = k == 0 ? 0 : ends[static_cast<size_t>(k) - 1];
    const double width = ends[static_cast<size_t>(k)] - start;
    const bool last = k + 1 == std::ssize(ends);
    for (int64_t t = 0; t < std::ssize(days); ++t) {
      const double share = std::max(0.0, (days[static_cast<size_t>(t)] - start) / width);
      share_KT.data_ptr<double>()[k * std::ssize(days) + t] = last ? share : std::min(1.0, share);
    }
  }
  return log_lived_BK.matmul(share_KT.to(logits_BK.options())).exp();
}

at::Tensor discrete_risk(const at::Tensor& logits_BK, const std::vector<double>& ends) {
  const at::Tensor end_BK = at::log_sigmoid(-logits_BK).cumsum(1).exp();  // alive at each end
  const at::Tensor begin_BK =
      at::cat({at::ones_like(end_BK.narrow(1, 0, 1)), end_BK.narrow(1, 0, end_BK.size(1) - 1)}, 1);
  std::vector<double> widths;
  for (size_t k = 0; k < ends.size(); ++k) widths.push_back(ends[k] - (k == 0 ? 0 : ends[k - 1]));
  const at::Tensor width_K = at::tensor(widths, at::kDouble).to(logits_BK.options()) / ends.back();
  return -((begin_BK + end_BK) / 2).matmul(width_K);
}

}  // namespace cohesin
