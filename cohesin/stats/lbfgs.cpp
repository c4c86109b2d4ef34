#include "cohesin/stats/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

constexpr size_t kNumPairs = 10;
constexpr double kSufficientDecrease = 1e-4;

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void add_scaled(std::vector<double>& to, double factor, const std::vector<double>& values) {
  for (size_t i = 0; i < to.size(); ++i) to[i] += factor * values[i];
}

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> result(a);
  add_scaled(result, -1.0, b);
  return result;
}

double largest_entry(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

// A step taken and the change of the gradient along it.
struct Pair {
  std::vector<double> step, change;
  double curvature;
};

// The two-loop recursion: minus the approximate inverse Hessian times the gradient.
std::vector<double> descent_direction(const std::deque<Pair>& pairs,
                                      const std::vector<double>& gradient) {
  std::vector<double> direction(gradient.size(), 0.0);
  add_scaled(direction, -1.0, gradient);
  std::vector<double> weights;
  for (auto pair = pairs.rbegin(); pair != pairs.rend(); ++pair) {
    weights.push_back(dot(pair->step, direction) / pair->curvature);
    add_scaled(direction, -weights.back(), pair->change);
  }
  if (!pairs.empty()) {
    const Pair& last = pairs.back();
    const double scale = last.curvature / dot(last.change, last.change);
    for (double& value : direction) value *= scale;
  }
  for (const Pair& pair : pairs) {
    const double weight = dot(pair.change, direction) / pair.curvature;
    add_scaled(direction, weights.back() - weight, pair.step);
    weights.pop_back();
  }
  return direction;
}

}  // namespace

std::vector<double> minimize_lbfgs(const Objective& objective, std::vector<double> start,
                                   double tolerance, int max_iterations) {
  std::vector<double> x = std::move(start), gradient(x.size()), next_gradient(x.size());
  double value = objective(x, gradient);
  std::deque<Pair> pairs;
  for (int iteration = 0; iteration < max_iterations; ++iteration) {
    if (largest_entry(gradient) <= tolerance) return x;
    const std::vector<double> direction = descent_direction(pairs, gradient);
    const double slope = dot(direction, gradient);
    double length = pairs.empty() ? std::min(1.0, 1.0 / std::sqrt(dot(gradient, gradient))) : 1.0;
    // Near the minimum a decrease is lost in the rounding of the value itself.
    const double rounding = 8 * std::numeric_limits<double>::epsilon() * std::abs(value);
    std::vector<double> next;
    double next_value = 0;
    for (;; length /= 2) {
      next = x;
      add_scaled(next, length, direction);
      if (next == x) return x;
      next_value = objective(next, next_gradient);
      if (next_value <= value + kSufficientDecrease * length * slope + rounding) break;
    }
    Pair pair{difference(next, x), difference(next_gradient, gradient), 0.0};
    pair.curvature = dot(pair.step, pair.change);
    if (pair.curvature > 0) {
      pairs.push_back(std::move(pair));
      if (pairs.size() > kNumPairs) pairs.pop_front();
    }
    x = std::move(next);
    gradient.swap(next_gradient);
    value = next_value;
  }
  throw Error("the fit did not settle after {} steps (largest gradient {:.3g}, wanted {:.3g})",
              max_iterations, largest_entry(gradient), tolerance);
}

}  // namespace cohesin
