#include "cohesin/report/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cohesin/report/html_text.h"

namespace cohesin {
namespace {

const MethodScores* find_model(const ReportCondition& condition) {
  for (const auto& method : condition.methods)
    if (!method.is_baseline) return &method;
  return nullptr;
}

PairedDifference compare(const ScoreSummary& model, const ScoreSummary& baseline, double sign,
                         double test_share) {
  PairedDifference difference;
  std::vector<double> values;
  if (model.folds.size() == baseline.folds.size())
    for (size_t k = 0; k < model.folds.size(); ++k) {
      const double value = sign * (model.folds[k] - baseline.folds[k]);
      if (std::isfinite(value)) values.push_back(value);
    }
  if (values.size() < 2) {
    difference.mean = sign * (model.mean - baseline.mean);
    return difference;
  }
  const auto k = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  difference.mean = sum / k;
  for (const double value : values) {
    squares += (value - difference.mean) * (value - difference.mean);
    difference.folds_better += value > 0 ? 1 : 0;
  }
  difference.folds = static_cast<int>(values.size());
  const double share = std::isfinite(test_share) && test_share < 1 ? test_share : 1 / k;
  const double deviation = std::sqrt(squares / (k - 1) * (1 / k + share / (1 - share)));
  const double half = student_t_975(difference.folds - 1) * deviation;
  difference.low = difference.mean - half;
  difference.high = difference.mean + half;
  return difference;
}

// P(|T| > t) of Student's t is I_x(nu/2, 1/2) with x = nu / (nu + t^2); for whole nu it is a
// finite sum (Abramowitz and Stegun 26.7.3 and 26.7.4). This is 1 minus it.
double central_probability(double t, int nu) {
  const double theta = std::atan(t / std::sqrt(static_cast<double>(nu)));
  const double c = std::cos(theta), s = std::sin(theta);
  const double pi = std::acos(-1.0);
  double term = 1, sum = 0;
  if (nu % 2 == 0) {
    for (int k = 0; k < nu / 2; ++k) {
      sum += term;
      term *= c * c * (2.0 * k + 1) / (2.0 * k + 2);
    }
    return s * sum;
  }
  term = c;
  for (int k = 0; k < (nu - 1) / 2; ++k) {
    sum += term;
    term *= c * c * (2.0 * k + 2) / (2.0 * k + 3);
  }
  return 2 / pi * (theta + s * sum);
}

std::string interval_text(const PairedDifference& difference) {
  return fmt::format("{} (95 % interval {} to {})", difference_text(difference.mean),
                     difference_text(difference.low), difference_text(difference.high));
}

bool excludes_zero(const PairedDifference& difference) {
  return std::isfinite(difference.low) && (difference.low > 0 || difference.high < 0);
}

std::string detail_text(const PairedDifference& best, const std::string& model,
                        const std::string& title, double ours, double theirs) {
  std::string text = fmt::format("{}: {} {}, {} {}.", title, model, score_text(ours), best.baseline,
                                 score_text(theirs));
  if (best.folds < 2) return text + " There are no folds to pair, so chance is not judged.";
  text += fmt::format(
      " Over {} test folds {} differs from {} by {}, and it is ahead in {} of them: ", best.folds,
      model, best.baseline, interval_text(best), best.folds_better);
  return text + (excludes_zero(best) ? "the interval excludes zero."
                                     : "the folds cannot tell this from chance.");
}

}  // namespace

const ScoreSummary* find_score(const MethodScores& method, const std::string& metric) {
  for (const auto& score : method.scores)
    if (score.metric == metric) return &score;
  return nullptr;
}

double student_t_975(int degrees_of_freedom) {
  double low = 0, high = 20;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (central_probability(middle, degrees_of_freedom) < 0.95 ? low : high) = middle;
  }
  return (low + high) / 2;
}

std::vector<PairedDifference> paired_differences(const ReportCondition& condition,
                                                 const std::string& metric, double test_share) {
  std::vector<PairedDifference> differences;
  const MethodScores* model = find_model(condition);
  const ScoreSummary* ours = model == nullptr ? nullptr : find_score(*model, metric);
  if (ours == nullptr) return differences;
  const double sign = is_lower_better(metric) ? -1 : 1;
  for (const auto& method : condition.methods) {
    if (!method.is_baseline) continue;
    const ScoreSummary* theirs = find_score(method, metric);
    if (theirs == nullptr || !std::isfinite(theirs->mean)) continue;
    differences.push_back(compare(*ours, *theirs, sign, test_share));
    differences.back().baseline = method.name;
  }
  const auto worse_for_model = [](const PairedDifference& a, const PairedDifference& b) {
    return a.mean < b.mean;
  };
  std::stable_sort(differences.begin(), differences.end(), worse_for_model);
  return differences;
}

Verdict judge(const ReportCondition& condition, const std::string& metric, const std::string& model,
              double test_share) {
  Verdict verdict;
  const MethodScores* ours = find_model(condition);
  const auto differences = paired_differences(condition, metric, test_share);
  if (ours == nullptr || differences.empty() || !std::isfinite(differences[0].mean)) {
    verdict.headline = "There is no baseline to compare with.";
    return verdict;
  }
  const PairedDifference& best = differences[0];
  verdict.is_clear = excludes_zero(best);
  const bool level = difference_text(best.mean) == "0.000";
  if (level) {
    verdict.winner = Winner::kTie;
    verdict.headline = fmt::format("{} and the baseline {} score the same.", model, best.baseline);
  } else if (best.mean < 0) {
    verdict.winner = Winner::kBaseline;
    verdict.headline = fmt::format("A baseline wins: {}.", best.baseline);
  } else {
    verdict.winner = Winner::kModel;
    const std::string all = differences.size() == 1
                                ? "the one baseline"
                                : fmt::format("all {} baselines", differences.size());
    verdict.headline =
        fmt::format("{} {} {}.", model, verdict.is_clear ? "wins against" : "scores above", all);
  }
  double theirs = kNotANumber;
  for (const auto& method : condition.methods)
    if (method.is_baseline && method.name == best.baseline)
      theirs = find_score(method, metric)->mean;
  verdict.detail =
      detail_text(best, model, metric_title(metric), find_score(*ours, metric)->mean, theirs);
  return verdict;
}

}  // namespace cohesin
