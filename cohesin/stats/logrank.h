#pragma once

#include <cstdint>
#include <span>

namespace cohesin {

// P(X > statistic) of the chi-square distribution, in closed form.
double chi_square_tail(double statistic, int64_t degrees_of_freedom);

// The log-rank test of equal survival (Mantel 1966).
struct LogRank {
  double statistic = 0;  // chi-square
  int64_t degrees_of_freedom = 0;
  double p_value = 1;
};

// `group`: any integers; two groups at least. Throws Error as check_follow_up, without an event,
// and where the groups cannot be compared (a singular covariance).
LogRank logrank_test(std::span<const double> time, std::span<const int64_t> event,
                     std::span<const int64_t> group);

}  // namespace cohesin
