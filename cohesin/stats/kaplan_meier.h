#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohesin {

// Follow-up throughout: `time` and, for each, `event`: 1 = observed, 0 = censored. Functions throw
// Error where lengths differ, nothing is given, a time is negative or NaN, or an event is neither.
struct FollowUp {
  std::span<const double> time;
  std::span<const int64_t> event;
};
void check_follow_up(std::span<const double> time, std::span<const int64_t> event);

// The product-limit estimate (Kaplan and Meier 1958) at 0 and at each distinct time.
struct KaplanMeier {
  std::vector<double> time, survival;  // right-continuous: survival[i] holds from time[i] on
  std::vector<double> lower, upper;    // 95 %: log(-log S) scale, Greenwood's variance
  std::vector<int64_t> at_risk, observed, censored;

  double at(double t) const;  // 1 before the first time, the last value beyond the last
  double median() const;      // the first time with survival <= 0.5; infinity if there is none
};
KaplanMeier kaplan_meier(std::span<const double> time, std::span<const int64_t> event);

// G(t), the probability of not being censored up to t: Kaplan-Meier of the censoring, where the
// events of a time leave before its censorings. What inverse weights are made of.
class CensoringCurve {
 public:
  CensoringCurve(std::span<const double> time, std::span<const int64_t> event);
  CensoringCurve(const FollowUp& known) : CensoringCurve(known.time, known.event) {}  // NOLINT
  // Right-continuous. Throws Error for t beyond the last time, unless G is 0 there.
  double at(double t) const;
  double last_time() const { return time_.back(); }

 private:
  std::vector<double> time_, curve_;
};

}  // namespace cohesin
