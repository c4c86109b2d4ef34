#include "cohesin/metrics/survival_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cohesin/metrics/concordance.h"
#include "cohesin/metrics/survival_metrics.h"

namespace cohesin {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool has_event(const std::vector<int64_t>& event) {
  return std::find(event.begin(), event.end(), 1) != event.end();
}

// Whether an event at time t has a weight.
bool has_weight(const CensoringCurve& uncensored, double t) {
  return t <= uncensored.last_time() && uncensored.at(t) > 0;
}

// The first event without a weight; infinity if there is none.
double first_without_weight(const SurvivalOutcomes& outcomes, const CensoringCurve& uncensored) {
  double first = kInfinity;
  for (size_t i = 0; i < outcomes.event.size(); ++i)
    if (outcomes.event[i] == 1 && !has_weight(uncensored, outcomes.time_days[i]))
      first = std::min(first, outcomes.time_days[i]);
  return first;
}

double harrell(const SurvivalOutcomes& outcomes) {
  if (outcomes.risk.empty()) return kNaN;
  return concordance(outcomes.time_days, outcomes.event, outcomes.risk).c_index();
}

double uno(const SurvivalOutcomes& outcomes, const CensoringCurve* uncensored) {
  if (uncensored == nullptr || !has_event(outcomes.event)) return kNaN;
  return concordance_ipcw(*uncensored, {outcomes.time_days, outcomes.event}, outcomes.risk,
                          first_without_weight(outcomes, *uncensored));
}

// What is known about `outcomes` up to `end`.
SurvivalOutcomes followed_until(SurvivalOutcomes outcomes, double end) {
  for (size_t i = 0; i < outcomes.event.size(); ++i) {
    if (outcomes.time_days[i] <= end) continue;
    outcomes.time_days[i] = end;
    outcomes.event[i] = 0;
  }
  return outcomes;
}

double auc_at(const SurvivalOutcomes& outcomes, const CensoringCurve* uncensored, double horizon) {
  if (uncensored == nullptr || !has_weight(*uncensored, horizon)) return kNaN;
  // Whoever is followed beyond the horizon is a control, whatever comes then.
  SurvivalOutcomes known = outcomes;
  for (size_t i = 0; i < known.event.size(); ++i)
    if (known.time_days[i] > horizon) known.event[i] = 0;
  if (!has_event(known.event)) return kNaN;
  return cumulative_dynamic_auc(*uncensored, {known.time_days, known.event}, known.risk,
                                std::vector<double>{horizon})
      .auc.front();
}

// NaN where a horizon is beyond the follow-up behind `uncensored`.
std::vector<double> brier_by_horizon(const SurvivalOutcomes& outcomes,
                                     const CensoringCurve* uncensored) {
  const std::vector<double>& horizons = outcomes.horizons_days;
  std::vector<double> scores(horizons.size(), kNaN);
  if (uncensored == nullptr) return scores;
  const SurvivalOutcomes known = followed_until(outcomes, uncensored->last_time());
  if (!has_event(known.event)) return scores;
  const size_t n = known.event.size();
  for (size_t h = 0; h < horizons.size(); ++h) {
    if (!has_weight(*uncensored, horizons[h])) continue;
    std::vector<double> survival(n);
    for (size_t i = 0; i < n; ++i) survival[i] = known.survival[i * horizons.size() + h];
    scores[h] = brier_scores(*uncensored, {known.time_days, known.event}, survival,
                             std::vector<double>{horizons[h]})
                    .front();
  }
  return scores;
}

double integrate(const std::vector<double>& horizons, const std::vector<double>& scores) {
  if (horizons.size() < 2) return kNaN;
  double area = 0;
  for (size_t h = 1; h < horizons.size(); ++h)
    area += 0.5 * (scores[h] + scores[h - 1]) * (horizons[h] - horizons[h - 1]);
  return area / (horizons.back() - horizons.front());
}

SurvivalOutcomes of_cohort(const SurvivalOutcomes& outcomes, int64_t cohort) {
  SurvivalOutcomes part;
  for (size_t i = 0; i < outcomes.event.size(); ++i) {
    if (outcomes.cohort[i] != cohort) continue;
    part.time_days.push_back(outcomes.time_days[i]);
    part.event.push_back(outcomes.event[i]);
    part.risk.push_back(outcomes.risk[i]);
  }
  return part;
}

// One concordance within each cohort, and their means over the cohorts where it is defined.
template <typename Score>
void add_by_cohort(const SurvivalOutcomes& outcomes, const std::string& name, const Score& score,
                   MetricValues& values) {
  double sum = 0, weighted_sum = 0, count = 0, weight = 0;
  MetricValues own;
  for (size_t c = 0; c < outcomes.cohort_names.size(); ++c) {
    const SurvivalOutcomes part = of_cohort(outcomes, static_cast<int64_t>(c));
    const double value = score(part);
    own.emplace_back(name + ":" + outcomes.cohort_names[c], value);
    if (std::isnan(value)) continue;
    const auto size = static_cast<double>(part.risk.size());
    sum += value;
    count += 1;
    weighted_sum += size * value;
    weight += size;
  }
  values.emplace_back(name + "_macro", count > 0 ? sum / count : kNaN);
  values.emplace_back(name + "_weighted", weight > 0 ? weighted_sum / weight : kNaN);
  values.insert(values.end(), own.begin(), own.end());
}

}  // namespace

MetricValues score_survival(const SurvivalOutcomes& outcomes, const CensoringCurve* uncensored) {
  MetricValues values = {{"c_index", harrell(outcomes)},
                         {"c_index_ipcw", uno(outcomes, uncensored)}};
  if (!outcomes.horizons_days.empty()) {
    const std::vector<double> brier = brier_by_horizon(outcomes, uncensored);
    values.emplace_back("integrated_brier_score", integrate(outcomes.horizons_days, brier));
    for (const double days : outcomes.horizons_days)
      values.emplace_back(fmt::format("auc_{}", days), auc_at(outcomes, uncensored, days));
    for (size_t h = 0; h < brier.size(); ++h)
      values.emplace_back(fmt::format("brier_{}", outcomes.horizons_days[h]), brier[h]);
  }
  if (outcomes.cohort_names.size() > 1) {
    add_by_cohort(outcomes, "c_index", harrell, values);
    add_by_cohort(
        outcomes, "c_index_ipcw",
        [uncensored](const SurvivalOutcomes& part) { return uno(part, uncensored); }, values);
  }
  return values;
}

}  // namespace cohesin
