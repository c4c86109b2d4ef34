#include "cohesin/stats/cox.h"

#include <cmath>

#include "cohesin/base/philox.h"
#include "cohesin/stats/kaplan_meier.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

// Exponential survival with hazard exp(x w), rounded so that times tie.
struct Cohort {
  Cohort(size_t n, const std::vector<double>& weights, uint64_t seed) : rows(n, weights.size()) {
    RandomStream random(seed, "cohort");
    for (size_t i = 0; i < n; ++i) {
      double risk = 0;
      for (size_t j = 0; j < weights.size(); ++j) {
        rows.row(i)[j] = 2 * random.uniform() - 1;
        risk += rows.row(i)[j] * weights[j];
      }
      const double end = -std::log(1 - random.uniform()) / std::exp(risk);
      const double censored = -3 * std::log(1 - random.uniform());
      time.push_back(std::ceil(20 * std::min(end, censored)));
      event.push_back(end <= censored ? 1 : 0);
    }
  }
  Matrix rows;
  std::vector<double> time;
  std::vector<int64_t> event;
};

TEST(Cox, FindsTheWeightsThatMadeTheCohort) {
  const std::vector<double> truth = {1.0, -0.5, 0.0};
  const Cohort cohort(4000, truth, 1);
  const auto path = fit_cox_path(cohort.rows, cohort.time, cohort.event, {1e-6});
  for (size_t j = 0; j < truth.size(); ++j) EXPECT_NEAR(path[0][j], truth[j], 0.1) << j;
}

TEST(Cox, PenaltyShrinksAndMoreFeaturesThanSamplesAreFitted) {
  const Cohort cohort(30, std::vector<double>(80, 0.3), 2);
  const auto path = fit_cox_path(cohort.rows, cohort.time, cohort.event, {10, 1, 0.1});
  double before = 0;
  for (const auto& weights : path) {
    double norm = 0;
    for (const double w : weights) norm += w * w;
    EXPECT_GT(norm, before);
    before = norm;
  }
}

TEST(Cox, GradientIsTheSlope) {
  const Cohort cohort(40, {0.5}, 3);
  std::vector<double> risk;
  std::vector<int64_t> stratum;
  for (size_t i = 0; i < 40; ++i) {
    risk.push_back(3 * cohort.rows.row(i)[0]);
    stratum.push_back(static_cast<int64_t>(i % 3));
  }
  for (const CoxTies ties : {CoxTies::breslow, CoxTies::efron}) {
    const CoxLikelihood at = cox_likelihood(cohort.time, cohort.event, risk, ties, stratum);
    for (const size_t i : {0, 7, 39}) {
      constexpr double kStep = 1e-5;
      auto moved = risk;
      moved[i] += kStep;
      const double up =
          cox_likelihood(cohort.time, cohort.event, moved, ties, stratum).log_likelihood;
      moved[i] -= 2 * kStep;
      const double down =
          cox_likelihood(cohort.time, cohort.event, moved, ties, stratum).log_likelihood;
      EXPECT_NEAR((up - down) / (2 * kStep), at.gradient[i], 1e-7);
      EXPECT_NEAR((up - 2 * at.log_likelihood + down) / (kStep * kStep), at.hessian_diagonal[i],
                  1e-3);
    }
  }
}

TEST(Cox, StrataCompeteAmongThemselvesOnly) {
  const std::vector<double> time = {1, 2, 3, 1, 2, 3}, risk = {1, 0, 2, 0.5, 1.5, 1};
  const std::vector<int64_t> event = {1, 1, 0, 1, 0, 1}, stratum = {7, 7, 7, -1, -1, -1};
  const auto part = [&](size_t from) {
    const std::span<const double> t(time), r(risk);
    const std::span<const int64_t> e(event);
    return cox_likelihood(t.subspan(from, 3), e.subspan(from, 3), r.subspan(from, 3))
        .log_likelihood;
  };
  EXPECT_NEAR(cox_likelihood(time, event, risk, CoxTies::efron, stratum).log_likelihood,
              part(0) + part(3), 1e-12);
}

TEST(Cox, BaselineHazardOfEqualRisksIsNelsonAalens) {
  const std::vector<double> time = {1, 2, 2, 4};
  const std::vector<int64_t> event = {1, 1, 0, 1};
  const BaselineHazard baseline(time, event, std::vector<double>{0, 0, 0, 0});
  EXPECT_EQ(baseline.time(), (std::vector<double>{1, 2, 4}));
  EXPECT_NEAR(baseline.cumulative()[1], 1.0 / 4 + 1.0 / 3, 1e-15);
  EXPECT_EQ(baseline.survival(0.5, 1), 1);
  EXPECT_NEAR(baseline.survival(3, std::log(2)), std::exp(-2 * (1.0 / 4 + 1.0 / 3)), 1e-15);
}

TEST(Cox, RefusesACohortWithoutEvents) {
  Cohort cohort(5, {1.0}, 4);
  cohort.event.assign(5, 0);
  EXPECT_ERROR(fit_cox_path(cohort.rows, cohort.time, cohort.event, {1}), "needs an event");
  EXPECT_ERROR(fit_cox_path(cohort.rows, cohort.time, {}, {1}), "a time and an event a sample");
}

}  // namespace
}  // namespace cohesin
