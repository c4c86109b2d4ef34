#include "cohesin/metrics/survival_scores.h"

#include <cmath>

#include "cohesin/base/philox.h"
#include "cohesin/metrics/survival_metrics.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

// Exponential survival with hazard exp(risk); every other sample is of cohort 1.
SurvivalOutcomes simulated(size_t n, uint64_t seed) {
  RandomStream random(seed, "follow-up");
  SurvivalOutcomes outcomes;
  outcomes.horizons_days = {0.5, 1};
  outcomes.cohort_names = {"LGG", "LUAD"};
  for (size_t i = 0; i < n; ++i) {
    const double risk = 2 * random.uniform() - 1;
    const double end = -std::log(1 - random.uniform()) / std::exp(risk);
    const double censored = -3 * std::log(1 - random.uniform());
    outcomes.risk.push_back(risk);
    outcomes.time_days.push_back(std::min(end, censored));
    outcomes.event.push_back(end <= censored ? 1 : 0);
    for (const double t : outcomes.horizons_days)
      outcomes.survival.push_back(std::exp(-t * std::exp(risk)));
    outcomes.cohort.push_back(static_cast<int64_t>(i % 2));
  }
  return outcomes;
}

double value(const MetricValues& values, const std::string& name) {
  for (const auto& [key, number] : values)
    if (key == name) return number;
  throw Error("no metric {}", name);
}

CensoringCurve censoring(const SurvivalOutcomes& outcomes) {
  return {outcomes.time_days, outcomes.event};
}

TEST(ScoreSurvival, IsTheReferenceScoresWhereThoseAreDefined) {
  const SurvivalOutcomes test = simulated(80, 1), train = simulated(4000, 2);
  const CensoringCurve uncensored = censoring(train);
  const MetricValues values = score_survival(test, &uncensored);
  const FollowUp known{test.time_days, test.event};
  EXPECT_DOUBLE_EQ(value(values, "c_index_ipcw"),
                   concordance_ipcw(uncensored, known, test.risk, INFINITY));
  const auto auc = cumulative_dynamic_auc(uncensored, known, test.risk, test.horizons_days).auc;
  EXPECT_DOUBLE_EQ(value(values, "auc_0.5"), auc[0]);
  EXPECT_DOUBLE_EQ(value(values, "auc_1"), auc[1]);
  const auto brier = brier_scores(uncensored, known, test.survival, test.horizons_days);
  EXPECT_DOUBLE_EQ(value(values, "brier_0.5"), brier[0]);
  EXPECT_DOUBLE_EQ(value(values, "brier_1"), brier[1]);
  EXPECT_DOUBLE_EQ(value(values, "integrated_brier_score"),
                   integrated_brier_score(uncensored, known, test.survival, test.horizons_days));
}

TEST(ScoreSurvival, FollowUpBeyondTheTrainingPartCostsNothingBeforeIt) {
  const SurvivalOutcomes train = simulated(4000, 2);
  SurvivalOutcomes test = simulated(80, 1);
  const CensoringCurve uncensored = censoring(train);
  const MetricValues before = score_survival(test, &uncensored);
  for (size_t i = 0; i < test.event.size(); ++i)
    if (test.time_days[i] > 2) test.time_days[i] += 1000;
  const MetricValues after = score_survival(test, &uncensored);
  for (const std::string name : {"auc_0.5", "auc_1", "brier_0.5", "brier_1"})
    EXPECT_DOUBLE_EQ(value(before, name), value(after, name)) << name;
  EXPECT_TRUE(std::isfinite(value(after, "c_index_ipcw")));
}

TEST(ScoreSurvival, TellsTheCohortsApart) {
  const SurvivalOutcomes test = simulated(81, 3);
  const CensoringCurve uncensored = censoring(simulated(4000, 2));
  const MetricValues values = score_survival(test, &uncensored);
  const double lgg = value(values, "c_index:LGG"), luad = value(values, "c_index:LUAD");
  EXPECT_DOUBLE_EQ(value(values, "c_index_macro"), (lgg + luad) / 2);
  EXPECT_DOUBLE_EQ(value(values, "c_index_weighted"), (41 * lgg + 40 * luad) / 81);
  EXPECT_TRUE(std::isfinite(value(values, "c_index_ipcw_macro")));
}

TEST(ScoreSurvival, ACohortOfOnePatientIsLeftOutOfTheMeans) {
  SurvivalOutcomes test = simulated(41, 3);
  std::fill(test.cohort.begin(), test.cohort.end(), 0);
  test.cohort.back() = 1;
  const MetricValues values = score_survival(test, nullptr);
  EXPECT_TRUE(std::isnan(value(values, "c_index:LUAD")));
  EXPECT_DOUBLE_EQ(value(values, "c_index_macro"), value(values, "c_index:LGG"));
}

TEST(ScoreSurvival, WithoutEventsOrCensoringScoresAreUndefined) {
  SurvivalOutcomes test = simulated(20, 4);
  EXPECT_TRUE(std::isnan(value(score_survival(test, nullptr), "c_index_ipcw")));
  EXPECT_TRUE(std::isfinite(value(score_survival(test, nullptr), "c_index")));
  std::fill(test.event.begin(), test.event.end(), 0);
  const CensoringCurve uncensored = censoring(simulated(4000, 2));
  for (const auto& [name, number] : score_survival(test, &uncensored))
    EXPECT_TRUE(std::isnan(number)) << name;
}

TEST(ScoreSurvival, AConstantRiskIsChance) {
  SurvivalOutcomes test = simulated(50, 5);
  std::fill(test.risk.begin(), test.risk.end(), 0.25);
  const CensoringCurve uncensored = censoring(simulated(4000, 2));
  const MetricValues values = score_survival(test, &uncensored);
  for (const std::string name : {"c_index", "c_index_ipcw", "auc_1"})
    EXPECT_DOUBLE_EQ(value(values, name), 0.5) << name;
}

}  // namespace
}  // namespace cohesin
