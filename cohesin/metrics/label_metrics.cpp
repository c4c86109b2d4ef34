#include "cohesin/metrics/label_metrics.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

// Row and column sums of the matrix, and its total and trace.
struct Margins {
  std::vector<int64_t> truth, predicted;
  int64_t total = 0, correct = 0;
};

Margins margins(const ConfusionMatrix& matrix) {
  Margins sums;
  sums.truth.resize(matrix.num_classes);
  sums.predicted.resize(matrix.num_classes);
  for (int64_t t = 0; t < matrix.num_classes; ++t) {
    for (int64_t p = 0; p < matrix.num_classes; ++p) {
      sums.truth[t] += matrix.at(t, p);
      sums.predicted[p] += matrix.at(t, p);
    }
    sums.correct += matrix.at(t, t);
  }
  sums.total = std::accumulate(sums.truth.begin(), sums.truth.end(), int64_t{0});
  return sums;
}

double ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

ConfusionMatrix confusion_matrix(std::span<const int64_t> truth, std::span<const int64_t> predicted,
                                 int64_t num_classes) {
  if (truth.size() != predicted.size())
    throw Error("scores need one prediction a sample: got {} labels and {} predictions",
                truth.size(), predicted.size());
  if (truth.empty()) throw Error("scores need at least one labelled sample, got none");
  ConfusionMatrix matrix{num_classes, std::vector<int64_t>(num_classes * num_classes, 0)};
  for (size_t i = 0; i < truth.size(); ++i) {
    for (const int64_t label : {truth[i], predicted[i]})
      if (label < 0 || label >= num_classes)
        throw Error("sample {}: label {} is outside the {} declared classes (0 to {})", i, label,
                    num_classes, num_classes - 1);
    ++matrix.counts[truth[i] * num_classes + predicted[i]];
  }
  return matrix;
}

ClassReport class_report(const ConfusionMatrix& matrix) {
  const Margins sums = margins(matrix);
  ClassReport report;
  for (int64_t k = 0; k < matrix.num_classes; ++k) {
    report.precision.push_back(ratio(matrix.at(k, k), sums.predicted[k]));
    report.recall.push_back(ratio(matrix.at(k, k), sums.truth[k]));
    report.f1.push_back(ratio(2 * matrix.at(k, k), sums.truth[k] + sums.predicted[k]));
    report.support.push_back(sums.truth[k]);
  }
  return report;
}

double accuracy(const ConfusionMatrix& matrix) {
  const Margins sums = margins(matrix);
  return ratio(sums.correct, sums.total);
}

double balanced_accuracy(const ConfusionMatrix& matrix) {
  const ClassReport report = class_report(matrix);
  double sum = 0;
  int64_t present = 0;
  for (int64_t k = 0; k < matrix.num_classes; ++k) {
    if (report.support[k] == 0) continue;
    sum += report.recall[k];
    ++present;
  }
  return sum / static_cast<double>(present);
}

double macro_f1(const ConfusionMatrix& matrix, ClassSet classes) {
  const Margins sums = margins(matrix);
  const ClassReport report = class_report(matrix);
  double sum = 0;
  int64_t counted = 0;
  for (int64_t k = 0; k < matrix.num_classes; ++k) {
    const bool present = sums.truth[k] + sums.predicted[k] > 0;
    if (!present && classes == ClassSet::kPresent) continue;
    sum += report.f1[k];
    ++counted;
  }
  return sum / static_cast<double>(counted);
}

double weighted_f1(const ConfusionMatrix& matrix) {
  const ClassReport report = class_report(matrix);
  double sum = 0, weight = 0;
  for (int64_t k = 0; k < matrix.num_classes; ++k) {
    sum += report.f1[k] * static_cast<double>(report.support[k]);
    weight += static_cast<double>(report.support[k]);
  }
  return sum / weight;
}

// With one label a sample every false positive is another class's false negative, so that the
// pooled precision, recall and F1 are all the accuracy.
double micro_f1(const ConfusionMatrix& matrix) { return accuracy(matrix); }

double matthews_correlation(const ConfusionMatrix& matrix) {
  const Margins sums = margins(matrix);
  const double n = static_cast<double>(sums.total);
  double joint = static_cast<double>(sums.correct) * n, truth = n * n, predicted = n * n;
  for (int64_t k = 0; k < matrix.num_classes; ++k) {
    const double t = static_cast<double>(sums.truth[k]);
    const double p = static_cast<double>(sums.predicted[k]);
    joint -= t * p;
    truth -= t * t;
    predicted -= p * p;
  }
  if (truth == 0 || predicted == 0) return 0.0;
  return joint / std::sqrt(truth * predicted);
}

double cohen_kappa(const ConfusionMatrix& matrix) {
  const Margins sums = margins(matrix);
  const double n = static_cast<double>(sums.total);
  double chance = 0;
  for (int64_t k = 0; k < matrix.num_classes; ++k)
    chance += static_cast<double>(sums.truth[k]) * static_cast<double>(sums.predicted[k]);
  if (chance == n * n) return std::numeric_limits<double>::quiet_NaN();
  return (n * static_cast<double>(sums.correct) - chance) / (n * n - chance);
}

}  // namespace cohesin
