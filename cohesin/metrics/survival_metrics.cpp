#include "cohesin/metrics/survival_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cohesin/base/error.h"
#include "cohesin/stats/kaplan_meier.h"
#include "cohesin/stats/logrank.h"

namespace cohesin {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

enum class ZeroCurve { refuse, no_weight };

// 1 / G(time) of the events before `tau`, else 0.
std::vector<double> event_weights(const CensoringCurve& uncensored, const FollowUp& test,
                                  ZeroCurve at_zero,
                                  double tau = std::numeric_limits<double>::infinity()) {
  check_follow_up(test.time, test.event);
  if (std::count(test.event.begin(), test.event.end(), 1) == 0)
    throw Error("no event among the samples to score: all are censored");
  std::vector<double> weights(test.time.size(), 0);
  for (size_t i = 0; i < weights.size(); ++i) {
    if (test.event[i] == 0 || test.time[i] >= tau) continue;
    const double g = uncensored.at(test.time[i]);
    if (g == 0 && at_zero == ZeroCurve::no_weight) continue;
    if (g == 0)
      throw Error(
          "all training samples are censored or gone at time {}: an event there has no weight; "
          "give an earlier tau or earlier times",
          test.time[i]);
    weights[i] = 1 / g;
  }
  return weights;
}

void check_times(std::span<const double> times, size_t at_least) {
  if (times.size() < at_least)
    throw Error("{} times at least are needed, got {}", at_least, times.size());
  for (size_t k = 0; k < times.size(); ++k)
    if (!(times[k] >= 0) || (k > 0 && times[k] <= times[k - 1]))
      throw Error("times to score at must rise and be 0 or more; number {} is {}", k + 1, times[k]);
}

void check_survival(std::span<const double> survival, size_t expected) {
  if (survival.size() != expected)
    throw Error("expected {} survival probabilities (samples x times), got {}", expected,
                survival.size());
  for (const double p : survival)
    if (!(p >= 0 && p <= 1)) throw Error("a survival probability is {}; expected 0 to 1", p);
}

}  // namespace

double concordance_ipcw(const CensoringCurve& uncensored, const FollowUp& test,
                        std::span<const double> risk, double tau) {
  const std::vector<double> weights = event_weights(uncensored, test, ZeroCurve::refuse, tau);
  double good = 0, all = 0;
  for (const EventPairs& pairs : pairs_by_event(test.time, test.event, risk)) {
    const double weight = weights[pairs.event_sample] * weights[pairs.event_sample];
    const auto concordant = static_cast<double>(pairs.concordant),
               tied = static_cast<double>(pairs.tied_risk);
    good += weight * (concordant + 0.5 * tied);
    all += weight * (concordant + tied + static_cast<double>(pairs.discordant));
  }
  return all > 0 ? good / all : kNaN;
}

DynamicAuc cumulative_dynamic_auc(const CensoringCurve& uncensored, const FollowUp& test,
                                  std::span<const double> risk, std::span<const double> times) {
  check_times(times, 1);
  const std::vector<double> weights = event_weights(uncensored, test, ZeroCurve::refuse);
  const size_t n = test.time.size();
  if (risk.size() != n) throw Error("expected {} risks, got {}", n, risk.size());
  for (const double r : risk)
    if (std::isnan(r)) throw Error("a risk is NaN");
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return risk[a] < risk[b]; });
  std::vector<size_t> first_tied(n), end_tied(n);  // by rank: the ranks of equal risk
  for (size_t r = 0, first = 0, end = 0; r < n; ++r) {
    while (risk[order[r]] - risk[order[first]] > kTiedRisk) ++first;
    while (end < n && risk[order[end]] - risk[order[r]] <= kTiedRisk) ++end;
    first_tied[r] = first;
    end_tied[r] = end;
  }
  DynamicAuc result;
  std::vector<double> controls_below(n + 1, 0);
  for (const double t : times) {
    for (size_t r = 0; r < n; ++r)
      controls_below[r + 1] = controls_below[r] + (test.time[order[r]] > t ? 1 : 0);
    double good = 0, all = 0;
    for (size_t r = 0; r < n; ++r) {
      if (test.event[order[r]] == 0 || test.time[order[r]] > t) continue;
      const double lower = controls_below[first_tied[r]], up_to = controls_below[end_tied[r]];
      good += weights[order[r]] * (lower + 0.5 * (up_to - lower));
      all += weights[order[r]] * controls_below[n];
    }
    result.auc.push_back(all > 0 ? good / all : kNaN);
  }
  const KaplanMeier survival = kaplan_meier(test.time, test.event);
  double before = 1, sum = 0;
  for (size_t k = 0; k < times.size(); ++k) {
    const double now = survival.at(times[k]);
    sum += result.auc[k] * (before - now);
    before = now;
  }
  result.mean = times.size() == 1 ? result.auc.front() : sum / (1 - before);
  return result;
}

std::vector<double> brier_scores(const CensoringCurve& uncensored, const FollowUp& test,
                                 std::span<const double> survival, std::span<const double> times) {
  check_times(times, 1);
  const std::vector<double> weights = event_weights(uncensored, test, ZeroCurve::no_weight);
  const size_t n = test.time.size(), num_times = times.size();
  check_survival(survival, n * num_times);
  for (const double t : test.time) uncensored.at(t);  // throws beyond the training follow-up
  std::vector<double> scores;
  for (size_t k = 0; k < num_times; ++k) {
    const double g = uncensored.at(times[k]);
    double sum = 0;
    for (size_t i = 0; i < n; ++i) {
      const double p = survival[i * num_times + k];
      if (test.time[i] > times[k]) {
        if (g > 0) sum += (1 - p) * (1 - p) / g;
      } else {
        sum += weights[i] * p * p;  // 0 for the censored
      }
    }
    scores.push_back(sum / static_cast<double>(n));
  }
  return scores;
}

double integrated_brier_score(const CensoringCurve& uncensored, const FollowUp& test,
                              std::span<const double> survival, std::span<const double> times) {
  check_times(times, 2);
  const std::vector<double> scores = brier_scores(uncensored, test, survival, times);
  double area = 0;
  for (size_t k = 1; k < times.size(); ++k)
    area += 0.5 * (scores[k] + scores[k - 1]) * (times[k] - times[k - 1]);
  return area / (times.back() - times.front());
}

DCalibration d_calibration(std::span<const int64_t> event,
                           std::span<const double> survival_at_own_time, int64_t num_bins) {
  if (num_bins < 2) throw Error("D-calibration needs 2 bins at least, got {}", num_bins);
  if (event.empty()) throw Error("D-calibration needs at least one sample");
  check_survival(survival_at_own_time, event.size());
  const auto bins = static_cast<double>(num_bins);
  DCalibration result;
  result.bin_counts.assign(static_cast<size_t>(num_bins), 0);
  for (size_t i = 0; i < event.size(); ++i) {
    const double p = survival_at_own_time[i];
    const auto bin = std::min(static_cast<size_t>(p * bins), result.bin_counts.size() - 1);
    if (event[i] == 1 || p == 0) {
      result.bin_counts[bin] += 1;
      continue;
    }
    // It will end somewhere below p, anywhere with the same probability.
    result.bin_counts[bin] += (p - static_cast<double>(bin) / bins) / p;
    for (size_t b = 0; b < bin; ++b) result.bin_counts[b] += 1 / (bins * p);
  }
  const double expected = static_cast<double>(event.size()) / bins;
  for (const double count : result.bin_counts)
    result.statistic += (count - expected) * (count - expected) / expected;
  result.p_value = chi_square_tail(result.statistic, num_bins - 1);
  return result;
}

}  // namespace cohesin
