#include "cohesin/report/verdict.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cohesin {
namespace {

ScoreSummary make_score(const std::vector<double>& folds, const std::string& metric = "macro_f1") {
  double sum = 0;
  for (const double fold : folds) sum += fold;
  ScoreSummary score;
  score.metric = metric;
  score.mean = sum / static_cast<double>(folds.size());
  score.folds = folds;
  return score;
}

ReportCondition make_condition(const std::vector<double>& model,
                               const std::vector<double>& baseline) {
  ReportCondition condition;
  condition.methods = {{"mojo", false, "", {make_score(model)}},
                       {"floor", true, "", {make_score({0.1, 0.1, 0.1})}},
                       {"logistic", true, "", {make_score(baseline)}}};
  return condition;
}

TEST(StudentT, GivesTabulatedQuantiles) {
  EXPECT_NEAR(student_t_975(1), 12.706205, 1e-5);
  EXPECT_NEAR(student_t_975(2), 4.302653, 1e-5);
  EXPECT_NEAR(student_t_975(4), 2.776445, 1e-5);
  EXPECT_NEAR(student_t_975(9), 2.262157, 1e-5);
  EXPECT_NEAR(student_t_975(100), 1.983972, 1e-5);
}

TEST(PairedDifferences, WidenTheIntervalForSharedTrainingSamples) {
  const auto condition = make_condition({0.80, 0.82, 0.87}, {0.80, 0.80, 0.80});
  const auto differences = paired_differences(condition, "macro_f1", 1.0 / 3);
  ASSERT_EQ(differences.size(), 2U);
  EXPECT_EQ(differences[0].baseline, "logistic");  // the best baseline first
  EXPECT_NEAR(differences[0].mean, 0.03, 1e-12);
  EXPECT_EQ(differences[0].folds_better, 2);
  // variance 0.0013 of the differences, times 1/3 + (1/3) / (2/3)
  const double half = 4.302652729911275 * std::sqrt(0.0013 * (1.0 / 3 + 0.5));
  EXPECT_NEAR(differences[0].low, 0.03 - half, 1e-9);
  EXPECT_NEAR(differences[0].high, 0.03 + half, 1e-9);
}

TEST(PairedDifferences, CountLowerAsBetterWhereItIs) {
  ReportCondition condition;
  condition.methods = {{"mojo", false, "", {make_score({0.5, 0.6}, "log_loss")}},
                       {"logistic", true, "", {make_score({0.7, 0.7}, "log_loss")}}};
  EXPECT_NEAR(paired_differences(condition, "log_loss", kNotANumber)[0].mean, 0.15, 1e-12);
}

TEST(Judge, SaysPlainlyThatABaselineWins) {
  const auto verdict =
      judge(make_condition({0.70, 0.71, 0.72}, {0.80, 0.81, 0.82}), "macro_f1", "mojo", 1.0 / 3);
  EXPECT_EQ(verdict.winner, Winner::kBaseline);
  EXPECT_EQ(verdict.headline, "A baseline wins: logistic.");
  EXPECT_NE(verdict.detail.find("mojo 0.710, logistic 0.810"), std::string::npos) << verdict.detail;
  EXPECT_NE(verdict.detail.find("ahead in 0 of them"), std::string::npos) << verdict.detail;
}

TEST(Judge, DoesNotCallAnUncertainLeadAWin) {
  const auto close =
      judge(make_condition({0.80, 0.82, 0.87}, {0.80, 0.80, 0.80}), "macro_f1", "mojo", 1.0 / 3);
  EXPECT_FALSE(close.is_clear);
  EXPECT_EQ(close.headline, "mojo scores above all 2 baselines.");
  EXPECT_NE(close.detail.find("cannot tell this from chance"), std::string::npos);
  const auto clear =
      judge(make_condition({0.90, 0.91, 0.92}, {0.80, 0.81, 0.83}), "macro_f1", "mojo", 1.0 / 3);
  EXPECT_TRUE(clear.is_clear);
  EXPECT_EQ(clear.headline, "mojo wins against all 2 baselines.");
}

TEST(Judge, CallsScoresThatPrintAlikeTheSame) {
  const auto verdict =
      judge(make_condition({0.8, 0.8, 0.8}, {0.8, 0.8, 0.8}), "macro_f1", "mojo", 0.2);
  EXPECT_EQ(verdict.winner, Winner::kTie);
}

TEST(Judge, HasNothingToSayWithoutBaselines) {
  ReportCondition condition;
  condition.methods = {{"mojo", false, "", {make_score({0.8})}}};
  EXPECT_EQ(judge(condition, "macro_f1", "mojo", 0.2).winner, Winner::kNobody);
}

}  // namespace
}  // namespace cohesin
