#include "cohesin/metrics/ranking_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// How many positives and negatives score at or above each distinct score, from the highest down.
struct Steps {
  std::vector<double> threshold;
  std::vector<double> positives, negatives;

  double num_positives() const { return positives.back(); }
  double num_negatives() const { return negatives.back(); }
};

void check_lengths(size_t num_labels, size_t num_scores) {
  if (num_labels != num_scores)
    throw Error("scores need one value a sample: got {} labels and {} values", num_labels,
                num_scores);
  if (num_labels == 0) throw Error("scores need at least one labelled sample, got none");
}

// `positive_class` of `truth` against the rest.
Steps steps_of(std::span<const int64_t> truth, std::span<const double> score,
               int64_t positive_class) {
  check_lengths(truth.size(), score.size());
  for (size_t i = 0; i < score.size(); ++i)
    if (std::isnan(score[i])) throw Error("sample {}: the score is NaN", i);
  std::vector<size_t> order(score.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return score[a] > score[b]; });
  Steps steps;
  double positives = 0, negatives = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    (truth[order[i]] == positive_class ? positives : negatives) += 1;
    if (i + 1 < order.size() && score[order[i + 1]] == score[order[i]]) continue;
    steps.threshold.push_back(score[order[i]]);
    steps.positives.push_back(positives);
    steps.negatives.push_back(negatives);
  }
  return steps;
}

double auroc(const Steps& steps) {
  if (steps.num_positives() == 0 || steps.num_negatives() == 0) return kNaN;
  double area = 0, last_positives = 0, last_negatives = 0;
  for (size_t i = 0; i < steps.threshold.size(); ++i) {
    area += (steps.negatives[i] - last_negatives) * (steps.positives[i] + last_positives) / 2;
    last_positives = steps.positives[i];
    last_negatives = steps.negatives[i];
  }
  return area / (steps.num_positives() * steps.num_negatives());
}

double average_precision(const Steps& steps) {
  if (steps.num_positives() == 0) return 0.0;
  double sum = 0, last = 0;
  for (size_t i = 0; i < steps.threshold.size(); ++i) {
    const double precision = steps.positives[i] / (steps.positives[i] + steps.negatives[i]);
    sum += (steps.positives[i] - last) * precision;
    last = steps.positives[i];
  }
  return sum / steps.num_positives();
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

double auroc(std::span<const int64_t> truth, std::span<const double> score) {
  return auroc(steps_of(truth, score, 1));
}

double average_precision(std::span<const int64_t> truth, std::span<const double> score) {
  return average_precision(steps_of(truth, score, 1));
}

RocCurve roc_curve(std::span<const int64_t> truth, std::span<const double> score) {
  const Steps steps = steps_of(truth, score, 1);
  const auto rate = [](double part, double whole) { return whole == 0 ? kNaN : part / whole; };
  RocCurve curve;
  curve.false_positive_rate.push_back(rate(0, steps.num_negatives()));
  curve.true_positive_rate.push_back(rate(0, steps.num_positives()));
  curve.threshold.push_back(std::numeric_limits<double>::infinity());
  for (size_t i = 0; i < steps.threshold.size(); ++i) {
    curve.false_positive_rate.push_back(rate(steps.negatives[i], steps.num_negatives()));
    curve.true_positive_rate.push_back(rate(steps.positives[i], steps.num_positives()));
    curve.threshold.push_back(steps.threshold[i]);
  }
  return curve;
}

PrecisionRecallCurve precision_recall_curve(std::span<const int64_t> truth,
                                            std::span<const double> score) {
  const Steps steps = steps_of(truth, score, 1);
  PrecisionRecallCurve curve;
  for (size_t i = steps.threshold.size(); i-- > 0;) {
    const double called = steps.positives[i] + steps.negatives[i];
    curve.precision.push_back(steps.positives[i] / called);
    curve.recall.push_back(steps.num_positives() == 0 ? 1.0
                                                      : steps.positives[i] / steps.num_positives());
    curve.threshold.push_back(steps.threshold[i]);
  }
  curve.precision.push_back(1.0);
  curve.recall.push_back(0.0);
  return curve;
}

RankingByClass ranking_by_class(std::span<const int64_t> truth, std::span<const double> probability,
                                int64_t num_classes) {
  check_lengths(truth.size() * num_classes, probability.size());
  RankingByClass ranking;
  std::vector<double> score(truth.size());
  for (int64_t k = 0; k < num_classes; ++k) {
    for (size_t i = 0; i < truth.size(); ++i) score[i] = probability[i * num_classes + k];
    const Steps steps = steps_of(truth, score, k);
    ranking.auroc.push_back(auroc(steps));
    ranking.average_precision.push_back(average_precision(steps));
    ranking.support.push_back(static_cast<int64_t>(steps.num_positives()));
  }
  return ranking;
}

double macro_auroc(const RankingByClass& ranking) { return mean(ranking.auroc); }

double weighted_auroc(const RankingByClass& ranking) {
  double sum = 0, weight = 0;
  for (size_t k = 0; k < ranking.auroc.size(); ++k) {
    if (ranking.support[k] == 0) continue;
    sum += ranking.auroc[k] * static_cast<double>(ranking.support[k]);
    weight += static_cast<double>(ranking.support[k]);
  }
  return sum / weight;
}

double macro_average_precision(const RankingByClass& ranking) {
  return mean(ranking.average_precision);
}

}  // namespace cohesin
