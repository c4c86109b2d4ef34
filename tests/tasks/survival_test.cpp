#include "cohesin/tasks/survival.h"

#include <torch/nn/module.h>

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

}  // namespace
}  // namespace cohesin
