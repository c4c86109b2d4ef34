#include "cohesin/stats/kaplan_meier.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

// Events and censorings of one time, and who is still at risk when it comes.
struct TimeCount {
  double time = 0;
  int64_t at_risk = 0, observed = 0, censored = 0;
};

std::vector<TimeCount> count_by_time(std::span<const double> time, std::span<const int64_t> event) {
  std::vector<size_t> order(time.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return time[a] < time[b]; });
  std::vector<TimeCount> counts;
  for (size_t i = 0; i < order.size(); ++i) {
    const size_t sample = order[i];
    if (counts.empty() || counts.back().time != time[sample])
      counts.push_back({time[sample], static_cast<int64_t>(order.size() - i), 0, 0});
    ++(event[sample] == 1 ? counts.back().observed : counts.back().censored);
  }
  return counts;
}

double step_value(const std::vector<double>& times, const std::vector<double>& values, double t) {
  const auto after = std::upper_bound(times.begin(), times.end(), t);
  return after == times.begin() ? 1.0 : values[static_cast<size_t>(after - times.begin()) - 1];
}

}  // namespace

void check_follow_up(std::span<const double> time, std::span<const int64_t> event) {
  if (time.size() != event.size())
    throw Error("survival needs a time and an event a sample: got {} and {}", time.size(),
                event.size());
  if (time.empty()) throw Error("survival needs at least one sample with a known time, got none");
  for (size_t i = 0; i < time.size(); ++i) {
    if (!(time[i] >= 0)) throw Error("sample {}: the time is {}; expected 0 or more", i, time[i]);
    if (event[i] != 0 && event[i] != 1)
      throw Error("sample {}: event {} is neither 1 (observed) nor 0 (censored)", i, event[i]);
  }
}

KaplanMeier kaplan_meier(std::span<const double> time, std::span<const int64_t> event) {
  check_follow_up(time, event);
  constexpr double kNormal975 = 1.959963984540054;
  std::vector<TimeCount> counts = count_by_time(time, event);
  if (counts.front().time > 0) counts.insert(counts.begin(), {0, counts.front().at_risk, 0, 0});
  KaplanMeier curve;
  double log_survival_sum = 0, greenwood = 0;
  for (const TimeCount& count : counts) {
    const auto n = static_cast<double>(count.at_risk), d = static_cast<double>(count.observed);
    // A sum of logarithms, as lifelines takes it: a survival of one half that is reached exactly
    // then stands a rounding above it, and the median is the same as there.
    log_survival_sum += std::log(n - d) - std::log(n);
    const double survival = std::exp(log_survival_sum);
    if (count.observed > 0) greenwood += d / (n * (n - d));
    double lower = survival, upper = survival;  // without a band at 0 and 1
    if (survival > 0 && survival < 1) {
      const double log_survival = std::log(survival), centre = std::log(-log_survival);
      const double half = kNormal975 * std::sqrt(greenwood) / log_survival;
      lower = std::exp(-std::exp(centre - half));
      upper = std::exp(-std::exp(centre + half));
    }
    curve.time.push_back(count.time);
    curve.survival.push_back(survival);
    curve.lower.push_back(lower);
    curve.upper.push_back(upper);
    curve.at_risk.push_back(count.at_risk);
    curve.observed.push_back(count.observed);
    curve.censored.push_back(count.censored);
  }
  return curve;
}

double KaplanMeier::at(double t) const { return step_value(time, survival, t); }

double KaplanMeier::median() const {
  for (size_t i = 0; i < time.size(); ++i)
    if (survival[i] <= 0.5) return time[i];
  return std::numeric_limits<double>::infinity();
}

CensoringCurve::CensoringCurve(std::span<const double> time, std::span<const int64_t> event) {
  check_follow_up(time, event);
  double curve = 1;
  for (const TimeCount& count : count_by_time(time, event)) {
    const auto left = static_cast<double>(count.at_risk - count.observed);
    if (count.censored > 0) curve *= 1 - static_cast<double>(count.censored) / left;
    time_.push_back(count.time);
    curve_.push_back(curve);
  }
}

double CensoringCurve::at(double t) const {
  if (t > time_.back()) {
    if (curve_.back() == 0) return 0;
    throw Error(
        "time {} lies beyond the training follow-up, which ends at {}: censoring is not known "
        "there",
        t, time_.back());
  }
  return step_value(time_, curve_, t);
}

}  // namespace cohesin
