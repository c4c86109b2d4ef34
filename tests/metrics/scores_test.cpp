#include "cohesin/metrics/scores.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/testing.h"

namespace cohesin {
namespace {

// Two classes; the samples in `wrong` are predicted as the other class.
ClassOutcomes two_classes(int64_t count, const std::vector<int64_t>& wrong) {
  ClassOutcomes outcomes;
  outcomes.num_classes = 2;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t truth = i % 2;
    const bool is_wrong = std::find(wrong.begin(), wrong.end(), i) != wrong.end();
    const int64_t predicted = is_wrong ? 1 - truth : truth;
    outcomes.truth.push_back(truth);
    outcomes.predicted.push_back(predicted);
    outcomes.probability.push_back(predicted == 0 ? 0.75 : 0.25);
    outcomes.probability.push_back(predicted == 0 ? 0.25 : 0.75);
  }
  return outcomes;
}

MetricSummary metric(const GroupScores& group, const std::string& name) {
  for (const auto& [key, summary] : group.metrics)
    if (key == name) return summary;
  throw Error("no metric {}", name);
}

std::vector<std::string> names(const MetricValues& values) {
  std::vector<std::string> found;
  for (const auto& value : values) found.push_back(value.first);
  return found;
}

TEST(ScoreOutcomes, NamesTheMetricsOfEachTask) {
  EXPECT_EQ(names(score_outcomes(two_classes(4, {}))),
            (std::vector<std::string>{"accuracy", "balanced_accuracy", "macro_f1", "weighted_f1",
                                      "auroc", "average_precision", "mcc", "log_loss", "ece"}));
  SurvivalOutcomes follow_up{{1, 2}, {1, 0}, {2, 1}, {}, {}, {}, {}};
  EXPECT_EQ(names(score_outcomes(follow_up)),
            (std::vector<std::string>{"c_index", "c_index_ipcw"}));
  follow_up.horizons_days = {1, 365.25};
  follow_up.survival = {0.5, 0.25, 0.75, 0.5};
  EXPECT_EQ(names(score_outcomes(follow_up)),
            (std::vector<std::string>{"c_index", "c_index_ipcw", "integrated_brier_score", "auc_1",
                                      "auc_365.25", "brier_1", "brier_365.25"}));
  EXPECT_EQ(names(score_outcomes(ValueOutcomes{1, {1, 2}, {1, 2}})),
            (std::vector<std::string>{"r2", "pearson", "spearman", "mse"}));
}

TEST(ScoreOutcomes, ValuesAreAveragedOverTheTargetsThatAreMeasured) {
  const double nan = std::nan("");
  // Target 0 is exact; of target 1 two values are measured, of target 2 none.
  const ValueOutcomes outcomes{3, {1, 1, nan, 2, 2, nan, 3, nan, nan}, {1, 2, 9, 2, 3, 9, 3, 9, 9}};
  const MetricValues values = score_outcomes(outcomes);
  EXPECT_DOUBLE_EQ(values[0].second, (1.0 + -3.0) / 2);
  EXPECT_DOUBLE_EQ(values[1].second, 1.0);
  EXPECT_DOUBLE_EQ(values[3].second, 0.5);
}

TEST(SummarizeScores, AveragesFoldsAndTakesTheirSdWithNMinusOne) {
  // Fold 2: samples 0-3, all right. Fold 10: samples 4-7, one wrong of four.
  const std::vector<std::string> folds = {"2", "2", "2", "2", "10", "10", "10", "10"};
  const GroupScores group = summarize_scores(two_classes(8, {5}), folds);
  EXPECT_EQ(group.fold_names, (std::vector<std::string>{"2", "10"}));
  EXPECT_EQ(group.num_samples, 8);
  const MetricSummary accuracy = metric(group, "accuracy");
  EXPECT_EQ(accuracy.folds, (std::vector<double>{1.0, 0.75}));
  EXPECT_DOUBLE_EQ(accuracy.mean, 0.875);
  EXPECT_DOUBLE_EQ(accuracy.sd, std::sqrt(2 * 0.125 * 0.125));
}

TEST(SummarizeScores, IntervalCoversTheBinomialOne) {
  std::vector<int64_t> wrong;
  for (int64_t i = 0; i < 400; i += 5) wrong.push_back(i);
  const MetricSummary accuracy = metric(summarize_scores(two_classes(400, wrong), {}), "accuracy");
  const double half_width = 1.96 * std::sqrt(0.8 * 0.2 / 400);
  EXPECT_NEAR(accuracy.ci95[0], 0.8 - half_width, 0.01);
  EXPECT_NEAR(accuracy.ci95[1], 0.8 + half_width, 0.01);
}

TEST(SummarizeScores, SameSeedGivesTheSameIntervalAndAnotherSeedAnother) {
  ClassOutcomes outcomes = two_classes(101, {3, 7, 11, 20, 50, 51});
  for (size_t i = 0; i < outcomes.probability.size(); ++i)
    outcomes.probability[i] += 0.001 * static_cast<double>(i);
  const auto interval = [&](uint64_t seed) {
    return metric(summarize_scores(outcomes, {}, {.seed = seed}), "log_loss").ci95;
  };
  EXPECT_EQ(interval(1), interval(1));
  EXPECT_NE(interval(1), interval(2));
}

TEST(SummarizeScores, AFoldWithoutAClassLeavesAurocToTheOtherFolds) {
  ClassOutcomes outcomes = two_classes(6, {});
  outcomes.truth[5] = 0;  // fold b: 4 and 5 are both of class 0
  const GroupScores group = summarize_scores(outcomes, {"a", "a", "a", "a", "b", "b"});
  const MetricSummary auroc = metric(group, "auroc");
  EXPECT_DOUBLE_EQ(auroc.mean, 1.0);
  EXPECT_TRUE(std::isnan(auroc.folds[1]));
  EXPECT_TRUE(std::isnan(auroc.sd));
}

TEST(WriteScores, WritesTheStructureWithNullForWhatIsUndefined) {
  ClassOutcomes outcomes = two_classes(4, {});
  outcomes.truth = {0, 0, 0, 0};
  Scores scores;
  scores.task = "classification";
  scores.groups = {summarize_scores(outcomes, {})};
  scores.groups[0].modalities = "rnaseq,methylation";
  scores.groups[0].hidden = "rnaseq";
  scores.baselines = {{"majority", scores.groups}};
  const auto json = nlohmann::json::parse(write_scores(scores));
  EXPECT_EQ(json.at("task"), "classification");
  const auto& group = json.at("scores").at(0);
  EXPECT_EQ(group.at("modalities"), "rnaseq,methylation");
  EXPECT_EQ(group.at("hidden"), "rnaseq");
  EXPECT_EQ(group.at("metrics").at("accuracy").at("mean"), 0.5);
  EXPECT_EQ(group.at("metrics").at("accuracy").at("folds"), nlohmann::json({0.5}));
  EXPECT_EQ(group.at("metrics").at("accuracy").at("ci95").size(), 2);
  EXPECT_TRUE(group.at("metrics").at("accuracy").at("sd").is_null());
  EXPECT_TRUE(group.at("metrics").at("auroc").at("mean").is_null());
  EXPECT_TRUE(group.at("metrics").at("auroc").at("ci95").at(0).is_null());
  EXPECT_EQ(json.at("baselines").at("majority").at(0), group);
}

TEST(SummarizeScores, RefusesAnEmptyGroup) {
  EXPECT_ERROR(summarize_scores(two_classes(0, {}), {}), "at least one sample");
}

}  // namespace
}  // namespace cohesin
