#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cohesin/stats/matrix.h"

namespace cohesin {

enum class CoxTies { breslow, efron };

// Cox's partial likelihood (Cox 1972) as a function of each sample's risk (log hazard ratio): the
// sum over events, with its gradient and the diagonal of its second derivatives. n log n; sums of
// exponentials are taken per risk set, so that risks of thousands do no harm. Without an event all
// is zero.
struct CoxLikelihood {
  double log_likelihood = 0;
  std::vector<double> gradient, hessian_diagonal;
};

// `stratum`: samples compete within their own stratum only (a cohort with a hazard of its own);
// empty = all in one. Throws Error as check_follow_up, where lengths differ or a risk is NaN.
CoxLikelihood cox_likelihood(std::span<const double> time, std::span<const int64_t> event,
                             std::span<const double> risk, CoxTies ties = CoxTies::efron,
                             std::span<const int64_t> stratum = {});

// Ridge Cox regression: maximises (log partial likelihood) / n - penalty / 2 |w|^2, for each of the
// `penalties`. `rows` [n, p] without NaN, best standardised; p may exceed n. Returns coefficients
// [p] for each penalty. Throws Error without an event.
std::vector<std::vector<double>> fit_cox_path(const Matrix& rows, std::span<const double> time,
                                              std::span<const int64_t> event,
                                              const std::vector<double>& penalties,
                                              CoxTies ties = CoxTies::efron,
                                              std::span<const int64_t> stratum = {});

// Breslow's estimate of the baseline: S0(t) = exp(-H0(t)) for a sample of risk 0; another's
// survival is S0(t)^exp(risk).
class BaselineHazard {
 public:
  BaselineHazard(std::span<const double> time, std::span<const int64_t> event,
                 std::span<const double> risk);
  BaselineHazard(std::vector<double> time, std::vector<double> cumulative);  // as stored
  double survival(double t, double risk) const;

  const std::vector<double>& time() const { return time_; }  // of the events, rising
  const std::vector<double>& cumulative() const { return cumulative_; }

 private:
  std::vector<double> time_, cumulative_;
};

}  // namespace cohesin
