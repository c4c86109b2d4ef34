#include "cohesin/stats/cox.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/stats/eigen_view.h"
#include "cohesin/stats/kaplan_meier.h"
#include "cohesin/stats/lbfgs.h"
#include "cohesin/stats/pca.h"

namespace cohesin {
namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

double log_add(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == kMinusInfinity ? a : a + std::log1p(std::exp(b - a));
}

// The samples of one time, [begin, end) of an order of falling times.
struct Tie {
  size_t begin, end;
};

// One stratum, its samples by falling time.
struct Ordered {
  std::vector<size_t> order;
  std::vector<Tie> ties;
};

Ordered order_by_time(std::vector<size_t> samples, std::span<const double> time) {
  std::sort(samples.begin(), samples.end(),
            [&](size_t a, size_t b) { return time[a] != time[b] ? time[a] > time[b] : a < b; });
  Ordered result{std::move(samples), {}};
  for (size_t i = 0; i < result.order.size();) {
    size_t end = i;
    while (end < result.order.size() && time[result.order[end]] == time[result.order[i]]) ++end;
    result.ties.push_back({i, end});
    i = end;
  }
  return result;
}

std::vector<Ordered> strata_of(std::span<const double> time, std::span<const int64_t> stratum) {
  std::map<int64_t, std::vector<size_t>> members;
  for (size_t i = 0; i < time.size(); ++i) members[stratum.empty() ? 0 : stratum[i]].push_back(i);
  std::vector<Ordered> strata;
  for (auto& [name, samples] : members) strata.push_back(order_by_time(std::move(samples), time));
  return strata;
}

// What the events of one time divide by: log of the sum over the risk set, less a share of the tied
// events' own sum (Efron), one entry an event.
struct Denominator {
  double log_sum = kMinusInfinity;
  double share = 0;  // of the tied events that is taken out
};

struct EventTime {
  Tie tie;
  std::vector<Denominator> denominators;
};

std::vector<EventTime> event_times(const Ordered& stratum, std::span<const int64_t> event,
                                   std::span<const double> risk, CoxTies ties,
                                   CoxLikelihood& result) {
  std::vector<EventTime> times;
  double log_at_risk = kMinusInfinity;
  for (const Tie& tie : stratum.ties) {
    double log_tied = kMinusInfinity;
    size_t num_events = 0;
    for (size_t k = tie.begin; k < tie.end; ++k) {
      const size_t sample = stratum.order[k];
      log_at_risk = log_add(log_at_risk, risk[sample]);
      if (event[sample] == 0) continue;
      ++num_events;
      log_tied = log_add(log_tied, risk[sample]);
      result.log_likelihood += risk[sample];
    }
    if (num_events == 0) continue;
    EventTime at{tie, {}};
    for (size_t l = 0; l < num_events; ++l) {
      const double share =
          ties == CoxTies::efron ? static_cast<double>(l) / static_cast<double>(num_events) : 0.0;
      const double log_sum =
          log_at_risk + (share > 0 ? std::log1p(-share * std::exp(log_tied - log_at_risk)) : 0.0);
      at.denominators.push_back({log_sum, share});
      result.log_likelihood -= log_sum;
    }
    times.push_back(std::move(at));
  }
  return times;
}

// p = weight exp(risk) / denominator, the share of one sample in one event's sum.
void add_shares(const std::vector<Denominator>& denominators, double risk, bool is_tied_event,
                double& sum, double& squares) {
  for (const Denominator& denominator : denominators) {
    const double weight = is_tied_event ? 1 - denominator.share : 1;
    const double p = weight * std::exp(risk - denominator.log_sum);
    sum += p;
    squares += p * p;
  }
}

void add_stratum(const Ordered& stratum, std::span<const int64_t> event,
                 std::span<const double> risk, CoxTies ties, CoxLikelihood& result) {
  const std::vector<EventTime> times = event_times(stratum, event, risk, ties, result);
  // From the first event time on: a sample is in the risk set of every event up to its own time.
  double log_inverse = kMinusInfinity, log_inverse_squares = kMinusInfinity;
  auto next = times.rbegin();
  for (auto tie = stratum.ties.rbegin(); tie != stratum.ties.rend(); ++tie) {
    const bool has_events = next != times.rend() && next->tie.begin == tie->begin;
    const std::vector<Denominator> own =
        has_events ? next->denominators : std::vector<Denominator>();
    for (size_t k = tie->begin; k < tie->end; ++k) {
      const size_t sample = stratum.order[k];
      double sum = std::exp(risk[sample] + log_inverse);
      double squares = std::exp(2 * risk[sample] + log_inverse_squares);
      add_shares(own, risk[sample], event[sample] == 1, sum, squares);
      result.gradient[sample] = static_cast<double>(event[sample]) - sum;
      result.hessian_diagonal[sample] = squares - sum;
    }
    for (const Denominator& denominator : own) {
      log_inverse = log_add(log_inverse, -denominator.log_sum);
      log_inverse_squares = log_add(log_inverse_squares, -2 * denominator.log_sum);
    }
    if (has_events) ++next;
  }
}

CoxLikelihood likelihood_of(const std::vector<Ordered>& strata, std::span<const int64_t> event,
                            std::span<const double> risk, CoxTies ties) {
  CoxLikelihood result{0, std::vector<double>(risk.size(), 0), std::vector<double>(risk.size(), 0)};
  for (const Ordered& one : strata) add_stratum(one, event, risk, ties, result);
  return result;
}

void check(std::span<const double> time, std::span<const int64_t> event,
           std::span<const double> risk, std::span<const int64_t> stratum) {
  check_follow_up(time, event);
  if (risk.size() != time.size() || (!stratum.empty() && stratum.size() != time.size()))
    throw Error(
        "Cox regression needs a risk (and a stratum, if any) a sample: got {} and {} for {}",
        risk.size(), stratum.size(), time.size());
  for (size_t i = 0; i < risk.size(); ++i)
    if (std::isnan(risk[i])) throw Error("sample {}: the risk is NaN", i);
}

// The directions that the rows span: rows = scores * axes, axes orthonormal, so that the ridge
// penalty is the same in either. A risk may be shifted by any constant, hence the rows are centred.
struct Directions {
  RowMajor scores_NK, axes_KP;
  Eigen::ArrayXd squares_K;  // sum of squares of each score
};

Directions directions_of(const Matrix& rows) {
  const Pca pca = fit_pca(rows);
  Directions directions{view(project(pca, rows)), view(pca.components), {}};
  directions.squares_K = directions.scores_NK.colwise().squaredNorm().transpose().array();
  return directions;
}

}  // namespace

CoxLikelihood cox_likelihood(std::span<const double> time, std::span<const int64_t> event,
                             std::span<const double> risk, CoxTies ties,
                             std::span<const int64_t> stratum) {
  check(time, event, risk, stratum);
  return likelihood_of(strata_of(time, stratum), event, risk, ties);
}

std::vector<std::vector<double>> fit_cox_path(const Matrix& rows, std::span<const double> time,
                                              std::span<const int64_t> event,
                                              const std::vector<double>& penalties, CoxTies ties,
                                              std::span<const int64_t> stratum) {
  check_follow_up(time, event);
  if (rows.num_rows != time.size() || (!stratum.empty() && stratum.size() != time.size()))
    throw Error("Cox regression: {} rows and {} strata for {} times", rows.num_rows, stratum.size(),
                time.size());
  if (std::count(event.begin(), event.end(), 1) == 0)
    throw Error("Cox regression needs an event: all {} training samples are censored", time.size());
  const auto n = static_cast<double>(rows.num_rows);
  const std::vector<Ordered> strata = strata_of(time, stratum);
  const Directions directions = directions_of(rows);
  const auto num_events = static_cast<double>(std::count(event.begin(), event.end(), 1));
  constexpr double kTolerance = 1e-4;  // the objective is then within about 1e-8 of its least
  std::vector<std::vector<double>> path;
  Eigen::VectorXd start = Eigen::VectorXd::Zero(directions.scores_NK.cols());
  for (const double penalty : penalties) {
    if (!(penalty > 0)) throw Error("Cox regression: the penalty is {}; expected above 0", penalty);
    // Coordinates along which the objective bends about alike: a step or two of Newton's method.
    const Eigen::VectorXd scale =
        (directions.squares_K * (num_events / n / n) + penalty).sqrt().inverse().matrix();
    const Objective objective = [&](const std::vector<double>& at, std::vector<double>& gradient) {
      const Eigen::VectorXd weights = view(at).transpose().cwiseProduct(scale);
      const std::vector<double> risk = to_vector(directions.scores_NK * weights);
      const CoxLikelihood likelihood = likelihood_of(strata, event, risk, ties);
      gradient = to_vector(
          scale.cwiseProduct(penalty * weights - directions.scores_NK.transpose() *
                                                     view(likelihood.gradient).transpose() / n));
      return penalty / 2 * weights.squaredNorm() - likelihood.log_likelihood / n;
    };
    const std::vector<double> found =
        minimize_lbfgs(objective, to_vector(start.cwiseQuotient(scale)), kTolerance);
    start = view(found).transpose().cwiseProduct(scale);
    path.push_back(to_vector(directions.axes_KP.transpose() * start));
  }
  return path;
}

BaselineHazard::BaselineHazard(std::vector<double> time, std::vector<double> cumulative)
    : time_(std::move(time)), cumulative_(std::move(cumulative)) {
  if (time_.size() != cumulative_.size() || !std::is_sorted(time_.begin(), time_.end()) ||
      !std::is_sorted(cumulative_.begin(), cumulative_.end()))
    throw Error("a baseline hazard needs rising times and as many rising values");
}

BaselineHazard::BaselineHazard(std::span<const double> time, std::span<const int64_t> event,
                               std::span<const double> risk) {
  check(time, event, risk, {});
  std::vector<size_t> all(time.size());
  std::iota(all.begin(), all.end(), size_t{0});
  const Ordered ordered = order_by_time(std::move(all), time);
  double log_at_risk = kMinusInfinity;
  for (const Tie& tie : ordered.ties) {
    int64_t num_events = 0;
    for (size_t k = tie.begin; k < tie.end; ++k) {
      log_at_risk = log_add(log_at_risk, risk[ordered.order[k]]);
      num_events += event[ordered.order[k]];
    }
    if (num_events == 0) continue;
    time_.push_back(time[ordered.order[tie.begin]]);
    cumulative_.push_back(static_cast<double>(num_events) * std::exp(-log_at_risk));
  }
  std::reverse(time_.begin(), time_.end());
  std::reverse(cumulative_.begin(), cumulative_.end());
  std::partial_sum(cumulative_.begin(), cumulative_.end(), cumulative_.begin());
}

double BaselineHazard::survival(double t, double risk) const {
  const auto after = std::upper_bound(time_.begin(), time_.end(), t);
  if (after == time_.begin()) return 1;
  const double hazard = cumulative_[static_cast<size_t>(after - time_.begin()) - 1];
  return std::exp(-std::exp(risk) * hazard);
}

}  // namespace cohesin
