#include "cohesin/stats/calibrate.h"

#include <algorithm>
#include <cmath>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

// The mean negative log likelihood of the labels, each smoothed as if every class had been seen
// once more: a few samples that are all right would ask for a temperature of 0 (Platt 1999).
double loss_at(double log_temperature, std::span<const double> logits,
               std::span<const int64_t> labels, size_t num_classes) {
  const double scale = std::exp(-log_temperature);
  const double other = 1 / static_cast<double>(labels.size() + num_classes);
  const double own = 1 - static_cast<double>(num_classes - 1) * other;
  double sum = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::span<const double> row = logits.subspan(i * num_classes, num_classes);
    const double largest = *std::max_element(row.begin(), row.end());
    double total = 0;
    double expected = 0;
    for (size_t k = 0; k < num_classes; ++k) {
      total += std::exp(scale * (row[k] - largest));
      expected += (k == static_cast<size_t>(labels[i]) ? own : other) * (row[k] - largest);
    }
    sum += std::log(total) - scale * expected;
  }
  return sum / static_cast<double>(labels.size());
}

}  // namespace

double fit_temperature(std::span<const double> logits, std::span<const int64_t> labels,
                       int64_t num_classes) {
  const auto columns = static_cast<size_t>(num_classes);
  if (labels.empty() || num_classes < 2 || logits.size() != labels.size() * columns)
    throw Error("a temperature needs {} logits a sample: got {} logits for {} samples", num_classes,
                logits.size(), labels.size());
  // Convex in 1 / T, hence with one valley in log T: golden section.
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double low = -std::log(20.0), high = std::log(20.0);
  while (high - low > 1e-6) {
    const double a = high - golden * (high - low), b = low + golden * (high - low);
    if (loss_at(a, logits, labels, columns) <= loss_at(b, logits, labels, columns))
      high = b;
    else
      low = a;
  }
  return std::exp((low + high) / 2);
}

double nonconformity(std::span<const double> probability, int64_t label) {
  return 1 - probability[static_cast<size_t>(label)];
}

double conformal_p_value(std::span<const double> rising_nonconformity, double value) {
  const auto first =
      std::lower_bound(rising_nonconformity.begin(), rising_nonconformity.end(), value);
  const auto at_least = static_cast<double>(rising_nonconformity.end() - first);
  return (at_least + 1) / (static_cast<double>(rising_nonconformity.size()) + 1);
}

}  // namespace cohesin
