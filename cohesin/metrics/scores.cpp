#include "cohesin/metrics/scores.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"
#include "cohesin/metrics/label_metrics.h"
#include "cohesin/metrics/probability_metrics.h"
#include "cohesin/metrics/ranking_metrics.h"
#include "cohesin/metrics/survival_scores.h"
#include "cohesin/metrics/value_metrics.h"

namespace cohesin {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Mean and sd (n - 1) of the values that are not NaN.
double mean_of_defined(std::span<const double> values) {
  double sum = 0;
  int64_t count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  return count == 0 ? kNaN : sum / static_cast<double>(count);
}

double sd_of_defined(std::span<const double> values) {
  const double centre = mean_of_defined(values);
  double sum = 0;
  int64_t count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += (value - centre) * (value - centre);
    ++count;
  }
  return count < 2 ? kNaN : std::sqrt(sum / static_cast<double>(count - 1));
}

MetricValues score(const ClassOutcomes& outcomes) {
  const ConfusionMatrix matrix =
      confusion_matrix(outcomes.truth, outcomes.predicted, outcomes.num_classes);
  const RankingByClass ranking =
      ranking_by_class(outcomes.truth, outcomes.probability, outcomes.num_classes);
  const auto calibration =
      top_label_calibration(outcomes.truth, outcomes.probability, outcomes.num_classes);
  return {{"accuracy", accuracy(matrix)},
          {"balanced_accuracy", balanced_accuracy(matrix)},
          {"macro_f1", macro_f1(matrix)},
          {"weighted_f1", weighted_f1(matrix)},
          {"auroc", macro_auroc(ranking)},
          {"average_precision", macro_average_precision(ranking)},
          {"mcc", matthews_correlation(matrix)},
          {"log_loss", log_loss(outcomes.truth, outcomes.probability, outcomes.num_classes)},
          {"ece", expected_calibration_error(calibration)}};
}

MetricValues score(const ValueOutcomes& outcomes) {
  std::vector<double> r2, pearson, spearman, mse;
  const size_t columns = static_cast<size_t>(outcomes.num_targets);
  for (size_t target = 0; target < columns; ++target) {
    std::vector<double> truth, predicted;
    for (size_t i = target; i < outcomes.truth.size(); i += columns) {
      if (std::isnan(outcomes.truth[i])) continue;
      truth.push_back(outcomes.truth[i]);
      predicted.push_back(outcomes.predicted[i]);
    }
    if (truth.empty()) continue;
    r2.push_back(r_squared(truth, predicted));
    pearson.push_back(pearson_correlation(truth, predicted));
    spearman.push_back(spearman_correlation(truth, predicted));
    mse.push_back(mean_squared_error(truth, predicted));
  }
  return {{"r2", mean_of_defined(r2)},
          {"pearson", mean_of_defined(pearson)},
          {"spearman", mean_of_defined(spearman)},
          {"mse", mean_of_defined(mse)}};
}

// The rows named, in that order; a row may occur several times. `width` values a row.
template <typename T>
std::vector<T> pick(const std::vector<T>& values, std::span<const size_t> rows, size_t width = 1) {
  std::vector<T> picked;
  picked.reserve(rows.size() * width);
  for (const size_t row : rows)
    picked.insert(picked.end(), values.begin() + static_cast<int64_t>(row * width),
                  values.begin() + static_cast<int64_t>((row + 1) * width));
  return picked;
}

ClassOutcomes pick(const ClassOutcomes& from, std::span<const size_t> rows) {
  return {from.num_classes, pick(from.truth, rows), pick(from.predicted, rows),
          pick(from.probability, rows, static_cast<size_t>(from.num_classes))};
}
SurvivalOutcomes pick(const SurvivalOutcomes& from, std::span<const size_t> rows) {
  return {pick(from.time_days, rows),
          pick(from.event, rows),
          pick(from.risk, rows),
          from.horizons_days,
          pick(from.survival, rows, from.horizons_days.size()),
          from.cohort_names,
          pick(from.cohort, from.cohort.empty() ? std::span<const size_t>{} : rows)};
}
ValueOutcomes pick(const ValueOutcomes& from, std::span<const size_t> rows) {
  const auto columns = static_cast<size_t>(from.num_targets);
  return {from.num_targets, pick(from.truth, rows, columns), pick(from.predicted, rows, columns)};
}

// `uncensored` is for survival alone.
MetricValues score(const ClassOutcomes& outcomes, const CensoringCurve* /*uncensored*/) {
  return score(outcomes);
}
MetricValues score(const SurvivalOutcomes& outcomes, const CensoringCurve* uncensored) {
  return score_survival(outcomes, uncensored);
}
MetricValues score(const ValueOutcomes& outcomes, const CensoringCurve* /*uncensored*/) {
  return score(outcomes);
}

// The rows of one fold, and the censoring that others show.
struct FoldRows {
  std::vector<size_t> rows;
  std::optional<CensoringCurve> uncensored;
};

MetricValues score_rows(const Outcomes& outcomes, std::span<const size_t> rows,
                        const FoldRows& fold) {
  const CensoringCurve* uncensored = fold.uncensored ? &*fold.uncensored : nullptr;
  return std::visit([&](const auto& kind) { return score(pick(kind, rows), uncensored); },
                    outcomes);
}

std::optional<CensoringCurve> censoring_of(const SurvivalOutcomes& training) {
  if (training.time_days.empty()) return std::nullopt;
  return CensoringCurve(training.time_days, training.event);
}

// With folds, of the samples outside each; else of `training`.
void add_censoring(const Outcomes& outcomes, const SurvivalOutcomes* training,
                   std::vector<FoldRows>& folds) {
  const auto* survival = std::get_if<SurvivalOutcomes>(&outcomes);
  if (survival == nullptr) return;
  if (folds.size() == 1) {
    if (training != nullptr) folds.front().uncensored = censoring_of(*training);
    return;
  }
  for (FoldRows& fold : folds) {
    SurvivalOutcomes others;
    for (const FoldRows& other : folds) {
      if (&other == &fold) continue;
      const SurvivalOutcomes part = pick(*survival, other.rows);
      others.time_days.insert(others.time_days.end(), part.time_days.begin(), part.time_days.end());
      others.event.insert(others.event.end(), part.event.begin(), part.event.end());
    }
    fold.uncensored = censoring_of(others);
  }
}

std::optional<int64_t> as_integer(const std::string& text) {
  int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> ordered_fold_names(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (std::all_of(names.begin(), names.end(), [](const auto& x) { return as_integer(x); }))
    std::stable_sort(names.begin(), names.end(),
                     [](const auto& a, const auto& b) { return *as_integer(a) < *as_integer(b); });
  return names;
}

// The value below which the fraction `q` of sorted values lies, interpolated (type 7 of Hyndman
// and Fan 1996).
double quantile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  if (below + 1 >= sorted.size()) return sorted.back();
  return std::lerp(sorted[below], sorted[below + 1], position - static_cast<double>(below));
}

std::array<double, 2> interval_of(std::vector<double> resampled) {
  resampled.erase(std::remove_if(resampled.begin(), resampled.end(),
                                 [](double value) { return std::isnan(value); }),
                  resampled.end());
  if (resampled.empty()) return {kNaN, kNaN};
  std::sort(resampled.begin(), resampled.end());
  return {quantile(resampled, 0.025), quantile(resampled, 0.975)};
}

// [metric][resample]: the mean over folds of each metric on samples drawn anew within each fold.
std::vector<std::vector<double>> resample(const Outcomes& outcomes,
                                          const std::vector<FoldRows>& fold_rows,
                                          size_t num_metrics, const Bootstrap& bootstrap) {
  std::vector<std::vector<double>> means(num_metrics);
  for (int64_t draw = 0; draw < bootstrap.num_resamples; ++draw) {
    RandomStream random(bootstrap.seed, "bootstrap", static_cast<uint64_t>(draw));
    std::vector<std::vector<double>> folds(num_metrics);
    for (const FoldRows& fold : fold_rows) {
      std::vector<size_t> drawn(fold.rows.size());
      for (size_t& row : drawn) row = fold.rows[random.below(fold.rows.size())];
      const MetricValues values = score_rows(outcomes, drawn, fold);
      for (size_t m = 0; m < num_metrics; ++m) folds[m].push_back(values[m].second);
    }
    for (size_t m = 0; m < num_metrics; ++m) means[m].push_back(mean_of_defined(folds[m]));
  }
  return means;
}

}  // namespace

std::string task_name(const Outcomes& outcomes) {
  constexpr std::array kNames = {"classification", "survival", "regression"};
  return kNames[outcomes.index()];
}

size_t num_samples(const Outcomes& outcomes) {
  if (const auto* classes = std::get_if<ClassOutcomes>(&outcomes)) return classes->truth.size();
  if (const auto* times = std::get_if<SurvivalOutcomes>(&outcomes)) return times->risk.size();
  const auto& values = std::get<ValueOutcomes>(outcomes);
  return values.truth.size() / static_cast<size_t>(values.num_targets);
}

MetricValues score_outcomes(const Outcomes& outcomes, const SurvivalOutcomes* training) {
  if (num_samples(outcomes) == 0)
    throw Error("scores need at least one sample with a known outcome, got none");
  const auto uncensored = training == nullptr ? std::nullopt : censoring_of(*training);
  return std::visit(
      [&](const auto& kind) { return score(kind, uncensored ? &*uncensored : nullptr); }, outcomes);
}

GroupScores summarize_scores(const Outcomes& outcomes, const std::vector<std::string>& folds,
                             const Bootstrap& bootstrap, const SurvivalOutcomes* training) {
  const size_t count = num_samples(outcomes);
  if (count == 0) throw Error("scores need at least one sample with a known outcome, got none");
  if (!folds.empty() && folds.size() != count)
    throw Error("scores need one fold a sample: got {} samples and {} folds", count, folds.size());
  GroupScores group;
  group.num_samples = static_cast<int64_t>(count);
  group.fold_names = ordered_fold_names(folds);
  std::vector<FoldRows> fold_rows(std::max<size_t>(group.fold_names.size(), 1));
  for (size_t row = 0; row < count; ++row) {
    size_t fold = 0;
    while (!folds.empty() && group.fold_names[fold] != folds[row]) ++fold;
    fold_rows[fold].rows.push_back(row);
  }
  add_censoring(outcomes, training, fold_rows);
  for (const FoldRows& fold : fold_rows) {
    const MetricValues values = score_rows(outcomes, fold.rows, fold);
    group.metrics.resize(values.size());
    for (size_t m = 0; m < values.size(); ++m) {
      group.metrics[m].first = values[m].first;
      group.metrics[m].second.folds.push_back(values[m].second);
    }
  }
  const auto resampled = resample(outcomes, fold_rows, group.metrics.size(), bootstrap);
  for (size_t m = 0; m < group.metrics.size(); ++m) {
    MetricSummary& summary = group.metrics[m].second;
    summary.mean = mean_of_defined(summary.folds);
    summary.sd = sd_of_defined(summary.folds);
    summary.ci95 = interval_of(resampled[m]);
  }
  return group;
}

}  // namespace cohesin
