#include "cohesin/metrics/value_metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void check_lengths(std::span<const double> truth, std::span<const double> predicted) {
  if (truth.size() != predicted.size())
    throw Error("scores need one prediction a sample: got {} values and {} predictions",
                truth.size(), predicted.size());
  if (truth.empty()) throw Error("scores need at least one measured value, got none");
}

void check_numbers(std::span<const double> truth, std::span<const double> predicted) {
  check_lengths(truth, predicted);
  for (size_t i = 0; i < truth.size(); ++i)
    if (std::isnan(truth[i]) || std::isnan(predicted[i]))
      throw Error("sample {}: the {} is NaN", i, std::isnan(truth[i]) ? "value" : "prediction");
}

bool has_nan(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
}

bool is_constant(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double x) { return x == values[0]; });
}

bool correlation_is_undefined(std::span<const double> a, std::span<const double> b) {
  check_lengths(a, b);
  return a.size() < 2 || has_nan(a) || has_nan(b) || is_constant(a) || is_constant(b);
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// 1-based ranks; ties share their average.
std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t first = 0; first < order.size();) {
    size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double rank = static_cast<double>(first + 1 + end) / 2;
    for (size_t i = first; i < end; ++i) ranks[order[i]] = rank;
    first = end;
  }
  return ranks;
}

// Pairs of equal neighbours in sorted runs, n(n-1)/2 a run.
template <typename Equal>
int64_t tied_pairs(size_t num_values, const Equal& equal_to_next) {
  int64_t pairs = 0, run = 1;
  for (size_t i = 0; i + 1 < num_values; ++i) {
    run = equal_to_next(i) ? run + 1 : 1;
    pairs += run - 1;
  }
  return pairs;
}

// Sorts and counts the pairs that stood in strictly descending order.
int64_t sort_counting_inversions(std::vector<double>& values) {
  int64_t inversions = 0;
  std::vector<double> merged(values.size());
  for (size_t width = 1; width < values.size(); width *= 2) {
    for (size_t begin = 0; begin < values.size(); begin += 2 * width) {
      const size_t middle = std::min(begin + width, values.size());
      const size_t end = std::min(begin + 2 * width, values.size());
      size_t left = begin, right = middle;
      for (size_t out = begin; out < end; ++out) {
        const bool take_left = left < middle && (right >= end || values[left] <= values[right]);
        if (!take_left) inversions += static_cast<int64_t>(middle - left);
        merged[out] = take_left ? values[left++] : values[right++];
      }
    }
    values.swap(merged);
  }
  return inversions;
}

}  // namespace

double pearson_correlation(std::span<const double> truth, std::span<const double> predicted) {
  if (correlation_is_undefined(truth, predicted)) return kNaN;
  const double mean_a = mean(truth), mean_b = mean(predicted);
  double aa = 0, bb = 0, ab = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    const double a = truth[i] - mean_a, b = predicted[i] - mean_b;
    aa += a * a;
    bb += b * b;
    ab += a * b;
  }
  return std::clamp(ab / (std::sqrt(aa) * std::sqrt(bb)), -1.0, 1.0);
}

double spearman_correlation(std::span<const double> truth, std::span<const double> predicted) {
  if (correlation_is_undefined(truth, predicted)) return kNaN;
  return pearson_correlation(average_ranks(truth), average_ranks(predicted));
}

double kendall_correlation(std::span<const double> truth, std::span<const double> predicted) {
  if (correlation_is_undefined(truth, predicted)) return kNaN;
  std::vector<size_t> order(truth.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return truth[a] != truth[b] ? truth[a] < truth[b] : predicted[a] < predicted[b];
  });
  std::vector<double> a, b;
  for (const size_t i : order) {
    a.push_back(truth[i]);
    b.push_back(predicted[i]);
  }
  const size_t n = a.size();
  const int64_t tied_a = tied_pairs(n, [&](size_t i) { return a[i] == a[i + 1]; });
  const int64_t tied_both =
      tied_pairs(n, [&](size_t i) { return a[i] == a[i + 1] && b[i] == b[i + 1]; });
  const int64_t discordant = sort_counting_inversions(b);
  const int64_t tied_b = tied_pairs(n, [&](size_t i) { return b[i] == b[i + 1]; });
  const int64_t pairs = static_cast<int64_t>(n) * static_cast<int64_t>(n - 1) / 2;
  const int64_t concordant = pairs - tied_a - tied_b + tied_both - discordant;
  return static_cast<double>(concordant - discordant) /
         (std::sqrt(static_cast<double>(pairs - tied_a)) *
          std::sqrt(static_cast<double>(pairs - tied_b)));
}

double mean_squared_error(std::span<const double> truth, std::span<const double> predicted) {
  check_numbers(truth, predicted);
  double sum = 0;
  for (size_t i = 0; i < truth.size(); ++i)
    sum += (truth[i] - predicted[i]) * (truth[i] - predicted[i]);
  return sum / static_cast<double>(truth.size());
}

double mean_absolute_error(std::span<const double> truth, std::span<const double> predicted) {
  check_numbers(truth, predicted);
  double sum = 0;
  for (size_t i = 0; i < truth.size(); ++i) sum += std::abs(truth[i] - predicted[i]);
  return sum / static_cast<double>(truth.size());
}

double r_squared(std::span<const double> truth, std::span<const double> predicted) {
  const double error = mean_squared_error(truth, predicted);
  if (truth.size() < 2) return kNaN;
  if (error == 0) return 1.0;
  if (is_constant(truth)) return 0.0;
  const double centre = mean(truth);
  double variance = 0;
  for (const double value : truth) variance += (value - centre) * (value - centre);
  return 1 - error / (variance / static_cast<double>(truth.size()));
}

}  // namespace cohesin
