#include "cohesin/metrics/probability_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

void check(std::span<const int64_t> truth, std::span<const double> probability,
           int64_t num_classes) {
  if (truth.empty()) throw Error("scores need at least one labelled sample, got none");
  const size_t columns = static_cast<size_t>(num_classes);
  if (probability.size() != truth.size() * columns)
    throw Error("scores need {} probabilities a sample: got {} samples and {} values", columns,
                truth.size(), probability.size());
  for (size_t i = 0; i < probability.size(); ++i)
    if (std::isnan(probability[i])) throw Error("sample {}: a probability is NaN", i / columns);
  for (size_t i = 0; i < truth.size(); ++i)
    if (truth[i] < 0 || truth[i] >= std::max<int64_t>(num_classes, 2))
      throw Error("sample {}: label {} is outside the {} declared classes", i, truth[i], columns);
}

double negative_log(double probability) {
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  return -std::log(std::clamp(probability, kEpsilon, 1 - kEpsilon));
}

}  // namespace

double log_loss(std::span<const int64_t> truth, std::span<const double> probability,
                int64_t num_classes) {
  check(truth, probability, num_classes);
  double sum = 0;
  for (size_t i = 0; i < truth.size(); ++i)
    sum += negative_log(probability[i * num_classes + truth[i]]);
  return sum / static_cast<double>(truth.size());
}

double binary_log_loss(std::span<const int64_t> truth, std::span<const double> score) {
  check(truth, score, 1);
  double sum = 0;
  for (size_t i = 0; i < truth.size(); ++i)
    sum += negative_log(truth[i] == 1 ? score[i] : 1 - score[i]);
  return sum / static_cast<double>(truth.size());
}

double brier_score(std::span<const int64_t> truth, std::span<const double> score) {
  check(truth, score, 1);
  double sum = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    const double difference = score[i] - static_cast<double>(truth[i]);
    sum += difference * difference;
  }
  return sum / static_cast<double>(truth.size());
}

double top_k_accuracy(std::span<const int64_t> truth, std::span<const double> probability,
                      int64_t num_classes, int64_t k) {
  check(truth, probability, num_classes);
  int64_t hits = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    const auto row = probability.subspan(i * num_classes, num_classes);
    int64_t ahead = 0;
    for (int64_t other = 0; other < num_classes; ++other)
      ahead += row[other] > row[truth[i]] || (row[other] == row[truth[i]] && other > truth[i]);
    hits += ahead < k;
  }
  return static_cast<double>(hits) / static_cast<double>(truth.size());
}

std::vector<CalibrationBin> calibration_bins(std::span<const double> confidence,
                                             const std::vector<bool>& correct, int64_t num_bins) {
  if (confidence.size() != correct.size())
    throw Error("calibration needs one outcome a confidence: got {} and {}", correct.size(),
                confidence.size());
  std::vector<CalibrationBin> bins(num_bins);
  for (size_t i = 0; i < confidence.size(); ++i) {
    if (!(confidence[i] >= 0 && confidence[i] <= 1))
      throw Error("sample {}: confidence {} is not within [0, 1]", i, confidence[i]);
    const auto index = static_cast<int64_t>(confidence[i] * static_cast<double>(num_bins));
    CalibrationBin& bin = bins[std::min(index, num_bins - 1)];
    ++bin.count;
    bin.mean_confidence += confidence[i];
    bin.accuracy += correct[i] ? 1.0 : 0.0;
  }
  for (CalibrationBin& bin : bins) {
    if (bin.count == 0) continue;
    bin.mean_confidence /= static_cast<double>(bin.count);
    bin.accuracy /= static_cast<double>(bin.count);
  }
  return bins;
}

std::vector<CalibrationBin> top_label_calibration(std::span<const int64_t> truth,
                                                  std::span<const double> probability,
                                                  int64_t num_classes, int64_t num_bins) {
  check(truth, probability, num_classes);
  std::vector<double> confidence(truth.size());
  std::vector<bool> correct(truth.size());
  for (size_t i = 0; i < truth.size(); ++i) {
    const auto row = probability.subspan(i * num_classes, num_classes);
    const auto top = std::max_element(row.begin(), row.end());
    confidence[i] = *top;
    correct[i] = top - row.begin() == truth[i];
  }
  return calibration_bins(confidence, correct, num_bins);
}

std::vector<CalibrationBin> binary_top_label_calibration(std::span<const int64_t> truth,
                                                         std::span<const double> score,
                                                         int64_t num_bins) {
  check(truth, score, 1);
  std::vector<double> confidence(truth.size());
  std::vector<bool> correct(truth.size());
  for (size_t i = 0; i < truth.size(); ++i) {
    const bool called = score[i] >= 0.5;
    confidence[i] = called ? score[i] : 1 - score[i];
    correct[i] = called == (truth[i] == 1);
  }
  return calibration_bins(confidence, correct, num_bins);
}

std::vector<CalibrationBin> positive_class_calibration(std::span<const int64_t> truth,
                                                       std::span<const double> score,
                                                       int64_t num_bins) {
  check(truth, score, 1);
  std::vector<bool> correct(truth.size());
  for (size_t i = 0; i < truth.size(); ++i) correct[i] = truth[i] == 1;
  return calibration_bins(score, correct, num_bins);
}

double expected_calibration_error(const std::vector<CalibrationBin>& bins) {
  double sum = 0;
  int64_t total = 0;
  for (const CalibrationBin& bin : bins) {
    sum += static_cast<double>(bin.count) * std::abs(bin.accuracy - bin.mean_confidence);
    total += bin.count;
  }
  if (total == 0) throw Error("a calibration error needs at least one sample, got none");
  return sum / static_cast<double>(total);
}

}  // namespace cohesin
