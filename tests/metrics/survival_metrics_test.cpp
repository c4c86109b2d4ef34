#include "cohesin/metrics/survival_metrics.h"

#include <cmath>
#include <limits>

#include "cohesin/base/philox.h"
#include "cohesin/stats/cox.h"
#include "cohesin/stats/kaplan_meier.h"
#include "cohesin/stats/logrank.h"
#include "tests/metrics/golden_cases.h"

namespace cohesin {
namespace {

using testing::Json;
using testing::labels;
using testing::Metric;
using testing::number;
using testing::numbers;

// One set of a golden file; the spans of FollowUp need an owner.
struct Set {
  explicit Set(const Json& data)
      : time(numbers(data.at("time"))),
        event(labels(data.at("event"))),
        risk(numbers(data.at("risk"))),
        group(labels(data.at("group"))) {}
  FollowUp follow_up() const { return {time, event}; }
  std::vector<double> time;
  std::vector<int64_t> event;
  std::vector<double> risk;
  std::vector<int64_t> group;
};

Json harrell(const Json& data, const Json&) {
  const Set set(data);
  const Concordance c = concordance(set.time, set.event, set.risk);
  return Json{{"c_index", c.c_index()},
              {"concordant", c.concordant},
              {"discordant", c.discordant},
              {"tied_risk", c.tied_risk},
              {"tied_time", c.tied_time}};
}

// Risks closer than 1e-8 count as tied here, as in scikit-survival; lifelines compares exactly.
Json lifelines(const Json& data, const Json& options) {
  Json spread = data;
  for (Json& risk : spread.at("risk")) risk = 1e6 * number(risk);
  return harrell(spread, options);
}

Json uno(const Json& data, const Json& options) {
  const Set set(data), train(options.at("train"));
  const double tau = options.at("tau").is_null() ? std::numeric_limits<double>::infinity()
                                                 : number(options.at("tau"));
  Json result = harrell(data, options);  // the counts are those without weights
  result["c_index"] = concordance_ipcw(train.follow_up(), set.follow_up(), set.risk, tau);
  return result;
}

Json dynamic_auc(const Json& data, const Json& options) {
  const Set set(data), train(options.at("train"));
  const DynamicAuc result = cumulative_dynamic_auc(train.follow_up(), set.follow_up(), set.risk,
                                                   numbers(options.at("times")));
  return Json{{"auc", result.auc}, {"mean_auc", result.mean}};
}

Json brier(const Json& data, const Json& options) {
  const Set set(data), train(options.at("train"));
  return Json{
      {"brier", brier_scores(train.follow_up(), set.follow_up(), numbers(options.at("survival")),
                             numbers(options.at("times")))}};
}

Json integrated_brier(const Json& data, const Json& options) {
  const Set set(data), train(options.at("train"));
  return Json{{"value", integrated_brier_score(train.follow_up(), set.follow_up(),
                                               numbers(options.at("survival")),
                                               numbers(options.at("times")))}};
}

Json kaplan_meier_of(const Json& data, const Json&) {
  const Set set(data);
  const KaplanMeier curve = kaplan_meier(set.time, set.event);
  return Json{{"time", curve.time},         {"survival", curve.survival},
              {"lower", curve.lower},       {"upper", curve.upper},
              {"at_risk", curve.at_risk},   {"observed", curve.observed},
              {"censored", curve.censored}, {"median", curve.median()}};
}

Json logrank_of(const Json& data, const Json& options) {
  Set set(data);
  if (options.at("groups") == "group>0")
    for (int64_t& group : set.group) group = group > 0 ? 1 : 0;
  const LogRank result = logrank_test(set.time, set.event, set.group);
  return Json{{"statistic", result.statistic},
              {"p_value", result.p_value},
              {"degrees_of_freedom", result.degrees_of_freedom}};
}

Json cox_of(const Json& data, const Json& options) {
  const Set set(data);
  if (std::isnan(set.risk.front())) {  // ours refuses what the formula makes NaN
    EXPECT_ERROR(cox_likelihood(set.time, set.event, set.risk), "the risk is NaN");
    const std::vector<double> undefined(set.risk.size(), std::nan(""));
    return Json{
        {"log_likelihood", std::nan("")}, {"gradient", undefined}, {"hessian_diagonal", undefined}};
  }
  const CoxLikelihood result =
      cox_likelihood(set.time, set.event, set.risk,
                     options.at("ties") == "efron" ? CoxTies::efron : CoxTies::breslow);
  return Json{{"log_likelihood", result.log_likelihood},
              {"gradient", result.gradient},
              {"hessian_diagonal", result.hessian_diagonal}};
}

const std::map<std::string, Metric> kSurvival = {{"concordance_index", harrell},
                                                 {"concordance_index_lifelines", lifelines},
                                                 {"concordance_index_ipcw", uno},
                                                 {"cumulative_dynamic_auc", dynamic_auc},
                                                 {"brier_score", brier},
                                                 {"integrated_brier_score", integrated_brier},
                                                 {"kaplan_meier", kaplan_meier_of},
                                                 {"logrank", logrank_of},
                                                 {"cox_partial_likelihood", cox_of}};

TEST(SurvivalMetrics, EqualTheReferenceLibraries) {
  EXPECT_EQ(testing::run_golden("survival.json", kSurvival), 158);
}

// A cohort whose survival is known: exponential with hazard exp(risk), censored at random.
struct Simulated {
  explicit Simulated(size_t n, uint64_t seed) {
    RandomStream random(seed, "simulated");
    for (size_t i = 0; i < n; ++i) {
      risk.push_back(2 * random.uniform() - 1);
      const double end = -std::log(1 - random.uniform()) / std::exp(risk.back());
      const double censored = -2 * std::log(1 - random.uniform());
      time.push_back(std::min(end, censored));
      event.push_back(end <= censored ? 1 : 0);
    }
  }
  std::vector<double> time, risk;
  std::vector<int64_t> event;
};

TEST(DCalibration, TrueProbabilitiesPassAndShiftedOnesDoNot) {
  int64_t num_rejected = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Simulated cohort(1000, seed);
    std::vector<double> truth, shifted;
    for (size_t i = 0; i < cohort.time.size(); ++i) {
      truth.push_back(std::exp(-cohort.time[i] * std::exp(cohort.risk[i])));
      shifted.push_back(std::exp(-1.5 * cohort.time[i] * std::exp(cohort.risk[i])));
    }
    if (d_calibration(cohort.event, truth).p_value < 0.05) ++num_rejected;
    EXPECT_LT(d_calibration(cohort.event, shifted).p_value, 1e-3) << seed;
  }
  EXPECT_LE(num_rejected, 6);  // of 40: the censored are spread, so fewer than one in twenty
}

TEST(DCalibration, SpreadsTheCensoredBelowTheirProbability) {
  const std::vector<int64_t> event = {1, 0};
  const DCalibration result = d_calibration(event, std::vector<double>{0.95, 0.25}, 4);
  EXPECT_EQ(result.bin_counts, (std::vector<double>{1.0, 0.0, 0.0, 1.0}));
  const DCalibration half = d_calibration(event, std::vector<double>{0.95, 0.5}, 4);
  EXPECT_EQ(half.bin_counts, (std::vector<double>{0.5, 0.5, 0.0, 1.0}));
}

TEST(SurvivalMetrics, AMillionSamplesAreNoMatter) {
  const Simulated cohort(1000000, 1);
  const FollowUp all{cohort.time, cohort.event};
  const double c = concordance(cohort.time, cohort.event, cohort.risk).c_index();
  EXPECT_NEAR(c, 0.6526, 0.01);  // the mean of h / (h + h') over pairs
  EXPECT_NEAR(concordance_ipcw(all, all, cohort.risk, 2.0), c, 0.01);
  const std::vector<double> times = {0.5, 1.0, 1.5};
  EXPECT_GT(cumulative_dynamic_auc(all, all, cohort.risk, times).mean, 0.6);
}

TEST(SurvivalMetrics, AnEventThatNobodyCouldHaveShownHasNoWeightInBrierScores) {
  const std::vector<double> train_time = {1, 2, 3}, time = {2, 3, 3}, survival = {0.5, 0.5, 0.5};
  const std::vector<int64_t> train_event = {1, 1, 0}, event = {1, 1, 1};  // G is 0 from 3 on
  const auto scores =
      brier_scores({train_time, train_event}, {time, event}, survival, std::vector<double>{3});
  EXPECT_NEAR(scores.front(), 0.25 / 3, 1e-15);  // of the event at 2 alone
  EXPECT_ERROR(concordance_ipcw({train_time, train_event}, {time, event}, survival, 10),
               "has no weight");
}

TEST(SurvivalMetrics, RefuseWhatCannotBeScored) {
  const std::vector<double> time = {1, 2, 3}, risk = {1, 0, 2}, bad_time = {1, -2, 3};
  const std::vector<int64_t> event = {1, 0, 1}, censored = {0, 0, 0}, two = {0, 2, 1};
  const FollowUp known{time, event};
  EXPECT_ERROR(concordance_ipcw(known, {time, censored}, risk, 5), "all are censored");
  EXPECT_ERROR(concordance_ipcw({bad_time, event}, known, risk, 5), "expected 0 or more");
  EXPECT_ERROR(concordance_ipcw({time, two}, known, risk, 5), "neither 1 (observed) nor 0");
  EXPECT_ERROR(cumulative_dynamic_auc(known, known, risk, std::vector<double>{2, 1}), "must rise");
  EXPECT_ERROR(
      brier_scores(known, known, std::vector<double>{0.5, 0.5, 1.5}, std::vector<double>{1}),
      "expected 0 to 1");
  EXPECT_ERROR(logrank_test(time, censored, event), "all samples are censored");
  EXPECT_ERROR(logrank_test(time, event, std::vector<int64_t>{1, 1, 1}), "two groups at least");
}

}  // namespace
}  // namespace cohesin
