#include "cohesin/stats/logrank.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "cohesin/base/error.h"
#include "cohesin/stats/kaplan_meier.h"

namespace cohesin {
namespace {

std::vector<Eigen::Index> number_groups(std::span<const int64_t> group, Eigen::Index& num_groups) {
  std::map<int64_t, Eigen::Index> number;
  for (const int64_t name : group) number[name] = 0;
  num_groups = 0;
  for (auto& [name, index] : number) index = num_groups++;
  std::vector<Eigen::Index> numbers;
  for (const int64_t name : group) numbers.push_back(number[name]);
  return numbers;
}

}  // namespace

double chi_square_tail(double statistic, int64_t degrees_of_freedom) {
  if (std::isnan(statistic) || degrees_of_freedom < 1) return std::nan("");
  if (statistic <= 0) return 1;
  // Q(k/2, y): for even k a sum of Poisson probabilities, for odd k from erfc upwards.
  const double y = statistic / 2;
  const bool odd = degrees_of_freedom % 2 != 0;
  double tail = odd ? std::erfc(std::sqrt(y)) : 0;
  for (double j = odd ? 0.5 : 0.0; 2 * j + 1 < static_cast<double>(degrees_of_freedom); ++j)
    tail += std::exp(j * std::log(y) - y - std::lgamma(j + 1));
  return tail;
}

LogRank logrank_test(std::span<const double> time, std::span<const int64_t> event,
                     std::span<const int64_t> group) {
  check_follow_up(time, event);
  if (group.size() != time.size())
    throw Error("the log-rank test needs a group a sample: got {} for {}", group.size(),
                time.size());
  Eigen::Index num_groups = 0;
  const std::vector<Eigen::Index> group_of = number_groups(group, num_groups);
  if (num_groups < 2) throw Error("the log-rank test needs two groups at least");
  std::vector<size_t> order(time.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return time[a] < time[b]; });
  Eigen::VectorXd at_risk = Eigen::VectorXd::Zero(num_groups);
  for (const Eigen::Index g : group_of) at_risk(g) += 1;
  Eigen::VectorXd surplus = Eigen::VectorXd::Zero(num_groups);
  Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(num_groups, num_groups);
  int64_t num_events = 0;
  for (size_t begin = 0; begin < order.size();) {
    Eigen::VectorXd events = Eigen::VectorXd::Zero(num_groups), leaving = events;
    size_t end = begin;
    for (; end < order.size() && time[order[end]] == time[order[begin]]; ++end) {
      leaving(group_of[order[end]]) += 1;
      if (event[order[end]] == 1) events(group_of[order[end]]) += 1;
    }
    const double d = events.sum(), n = at_risk.sum();
    num_events += static_cast<int64_t>(d);
    if (d > 0) {
      const Eigen::VectorXd share = at_risk / n;
      surplus += events - d * share;
      if (n > 1) {
        const double scale = d * (n - d) / (n - 1);
        covariance += scale * Eigen::MatrixXd(share.asDiagonal());
        covariance -= scale * share * share.transpose();
      }
    }
    at_risk -= leaving;
    begin = end;
  }
  if (num_events == 0) throw Error("the log-rank test needs an event: all samples are censored");
  const Eigen::Index k = num_groups - 1;  // the last group follows from the others
  const Eigen::LDLT<Eigen::MatrixXd> solver(covariance.topLeftCorner(k, k));
  const Eigen::VectorXd pivots = solver.vectorD();
  if (!(pivots.minCoeff() > 1e-12 * std::max(1.0, pivots.maxCoeff())))
    throw Error(
        "the log-rank test cannot compare these groups: one has nobody at risk at any event");
  LogRank result;
  result.statistic = surplus.head(k).dot(solver.solve(surplus.head(k)));
  result.degrees_of_freedom = k;
  result.p_value = chi_square_tail(result.statistic, k);
  return result;
}

}  // namespace cohesin
