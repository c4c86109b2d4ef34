#include "cohesin/tasks/survival.h"

#include <torch/nn/module.h>

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

SurvivalTargets follow_up() { return {{5, 2, 2, 7, 4}, {1, 1, 1, 0, 0}, {}}; }

TEST(CoxLoss, IsTheLikelihoodAnEventWithItsGradient) {
  const std::vector<double> risk = {0.3, -1.2, 2.0, 0.1, 0.7};
  for (const CoxTies ties : {CoxTies::breslow, CoxTies::efron}) {
    const at::Tensor risk_B = at::tensor(risk, at::kDouble).requires_grad_();
    const at::Tensor loss = cox_loss(risk_B, follow_up(), ties);
    loss.backward();
    const CoxLikelihood expected =
        cox_likelihood(follow_up().time_days, follow_up().event, risk, ties);
    EXPECT_NEAR(loss.item<double>(), -expected.log_likelihood / 3, 1e-12);
    for (int64_t i = 0; i < 5; ++i)
      EXPECT_NEAR(risk_B.grad()[i].item<double>(), -expected.gradient[static_cast<size_t>(i)] / 3,
                  1e-12);
  }
}

TEST(CoxLoss, IsZeroWithoutAnEvent) {
  SurvivalTargets targets = follow_up();
  targets.event.assign(5, 0);
  const at::Tensor risk_B = at::randn({5}).requires_grad_();
  const at::Tensor loss = cox_loss(risk_B, targets, CoxTies::efron);
  loss.backward();
  EXPECT_EQ(loss.item<double>(), 0);
  EXPECT_EQ(risk_B.grad().abs().sum().item<double>(), 0);
}

TEST(CoxLoss, KeepsThePrecisionOfTheRisk) {
  const at::Tensor risk_B = at::randn({5}).requires_grad_();
  EXPECT_EQ(cox_loss(risk_B, follow_up(), CoxTies::efron).scalar_type(), at::kFloat);
}

TEST(DiscreteHazards, LossIsTheLikelihoodOfWhatWasSeen) {
  // Intervals (0, 10], (10, 20], (20, 40]; hazards 0.2, 0.5, 0.25.
  const std::vector<double> hazards = {0.2, 0.5, 0.25}, ends = {10, 20, 40};
  std::vector<double> logits;
  for (const double h : hazards) logits.push_back(std::log(h / (1 - h)));
  const auto loss_of = [&](double time, int64_t event) {
    return discrete_hazard_loss(at::tensor(logits, at::kDouble).reshape({1, 3}),
                                {{time}, {event}, {}}, ends)
        .item<double>();
  };
  EXPECT_NEAR(loss_of(10, 1), -std::log(0.2), 1e-9);
  EXPECT_NEAR(loss_of(25, 1), -std::log(0.8 * 0.5 * 0.25), 1e-9);
  EXPECT_NEAR(loss_of(50, 1), -std::log(0.8 * 0.5 * 0.75), 1e-9);
  EXPECT_NEAR(loss_of(14, 0), -std::log(0.8), 1e-9);
  EXPECT_NEAR(loss_of(15, 0), -std::log(0.8 * 0.5), 1e-9);
}

TEST(DiscreteHazards, SurvivalFollowsTheHazards) {
  const std::vector<double> ends = {10, 20};
  const at::Tensor logits_BK = at::tensor({0.0, std::log(3.0)}, at::kDouble).reshape({1, 2});
  const at::Tensor survival =
      discrete_survival(logits_BK, ends, std::vector<double>{0, 5, 10, 20, 30});
  const std::vector<double> expected = {1, std::sqrt(0.5), 0.5, 0.125, 0.03125};
  for (int64_t t = 0; t < 5; ++t)
    EXPECT_NEAR(survival[0][t].item<double>(), expected[static_cast<size_t>(t)], 1e-9) << t;
  // The mean time lived within 20 days by the trapezoid: (1 + 0.5) / 2 * 10 + ...
  EXPECT_NEAR(discrete_risk(logits_BK, ends)[0].item<double>(), -(0.75 * 10 + 0.3125 * 10) / 20,
              1e-9);
}

TEST(DiscreteHazards, IntervalsHoldAboutAsManyEventsEach) {
  EXPECT_EQ(interval_ends({{1, 2, 3, 4, 9}, {1, 1, 1, 1, 0}, {}}, 2), (std::vector<double>{2, 4}));
  EXPECT_EQ(interval_ends({{3, 3, 3, 7}, {1, 1, 1, 1}, {}}, 4), (std::vector<double>{3, 7}));
  EXPECT_ERROR(interval_ends({{1, 2}, {0, 0}, {}}, 2), "need an observed event");
}

}  // namespace
}  // namespace cohesin
