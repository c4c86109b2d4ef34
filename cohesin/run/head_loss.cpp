#include "cohesin/run/head_loss.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "cohesin/metrics/concordance.h"
#include "cohesin/stats/calibrate.h"
#include "cohesin/tasks/classification.h"
#include "cohesin/tensor/plain_values.h"

namespace cohesin {

namespace {

constexpr std::array kKinds = {TaskKind::classification, TaskKind::survival, TaskKind::regression};

}  // namespace

HeadLoss::HeadLoss(TaskConfig task, TaskTargets targets, const TrainSettings& settings,
                   const std::vector<int64_t>& training)
    : task_(std::move(task)),
      targets_(std::move(targets)),
      label_smoothing_(settings.label_smoothing),
      ties_(task_.ties == "breslow" ? CoxTies::breslow : CoxTies::efron) {
  if (targets_.labels.empty() || settings.class_weights != "balanced") return;
  std::vector<int64_t> labels;
  for (const int64_t sample : training)
    if (targets_.known(TaskKind::classification, sample))
      labels.push_back(targets_.labels[static_cast<size_t>(sample)]);
  class_weights_T_ = at::tensor(balanced_class_weights(labels, task_.classes), at::kFloat);
}

HeadLoss::Known HeadLoss::known(TaskKind kind, const at::Tensor& outputs_BT,
                                const std::vector<int64_t>& samples) const {
  Known result;
  std::vector<int64_t> rows;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (!targets_.known(kind, samples[i])) continue;
    rows.push_back(static_cast<int64_t>(i));
    result.samples.push_back(samples[i]);
  }
  const auto [begin, count] = task_.outputs_of(kind);
  result.outputs_BT = outputs_BT.narrow(1, begin, count);
  if (rows.size() < samples.size())
    result.outputs_BT = result.outputs_BT.index_select(0, at::tensor(rows, at::kLong));
  return result;
}

at::Tensor HeadLoss::labels_of(const std::vector<int64_t>& samples) const {
  std::vector<int64_t> labels;
  for (const int64_t sample : samples)
    labels.push_back(targets_.labels[static_cast<size_t>(sample)]);
  return at::tensor(labels, at::kLong);
}

at::Tensor HeadLoss::class_loss(const Known& known, double label_smoothing) const {
  return classification_loss(known.outputs_BT, labels_of(known.samples), class_weights_T_,
                             label_smoothing);
}

at::Tensor HeadLoss::survival_loss(const Known& known) const {
  const SurvivalTargets follow_up = targets_.follow_up(known.samples);
  if (task_.discrete_hazards())
    return discrete_hazard_loss(known.outputs_BT, follow_up, task_.interval_ends_days);
  return cox_loss(known.outputs_BT.squeeze(1), follow_up, ties_);
}

// Half the squared error in standard deviations, the mean over what is known.
at::Tensor HeadLoss::value_loss(const Known& known) const {
  const size_t width = targets_.num_values;
  std::vector<double> truth;
  for (const int64_t sample : known.samples)
    for (size_t v = 0; v < width; ++v)
      truth.push_back(
          (targets_.values[static_cast<size_t>(sample) * width + v] - task_.value_means[v]) /
          task_.value_sds[v]);
  const at::Tensor truth_BV = at::tensor(truth, at::kDouble)
                                  .reshape({-1, static_cast<int64_t>(width)})
                                  .to(known.outputs_BT.options());
  const at::Tensor is_known = at::isnan(truth_BV).logical_not();
  return (known.outputs_BT - truth_BV).masked_select(is_known).square().mean() / 2;
}

double HeadLoss::weight(TaskKind kind, const Known& known) const {
  if (kind == TaskKind::classification && class_weights_T_.defined())
    return class_weights_T_.index_select(0, labels_of(known.samples)).sum().item<double>();
  if (kind != TaskKind::survival || task_.discrete_hazards())
    return static_cast<double>(known.samples.size());
  const SurvivalTargets follow_up = targets_.follow_up(known.samples);
  return static_cast<double>(std::count(follow_up.event.begin(), follow_up.event.end(), 1));
}

LossParts HeadLoss::operator()(const at::Tensor& outputs_BT, const std::vector<int64_t>& samples,
                               const at::Tensor& log_variance) const {
  LossParts total{outputs_BT.sum() * 0, 0};
  int64_t index = 0;
  for (const TaskKind kind : kKinds) {
    if (!task_.asks(kind)) continue;
    const Known own = known(kind, outputs_BT, samples);
    const int64_t place = index++;
    if (own.samples.empty()) continue;
    const at::Tensor loss = kind == TaskKind::classification ? class_loss(own, label_smoothing_)
                            : kind == TaskKind::survival     ? survival_loss(own)
                                                             : value_loss(own);
    if (task_.name != "joint") return {loss, weight(kind, own)};
    total.loss = total.loss + (log_variance.defined()
                                   ? loss * (-log_variance[place]).exp() + log_variance[place] / 2
                                   : loss);
  }
  total.weight = static_cast<double>(samples.size());
  return total;
}

Validation HeadLoss::validate(const at::Tensor& outputs_BT,
                              const std::vector<int64_t>& samples) const {
  Validation validation;
  for (const TaskKind kind : kKinds) {
    if (!task_.asks(kind)) continue;
    const Known own = known(kind, outputs_BT.to(at::kDouble), samples);
    if (own.samples.empty()) continue;
    if (kind == TaskKind::classification) {
      const at::Tensor labels_B = labels_of(own.samples);
      validation.score += at::cross_entropy_loss(own.outputs_BT, labels_B).item<double>();
      validation.metrics["accuracy"] =
          (own.outputs_BT.argmax(1) == labels_B).to(at::kDouble).mean().item<double>();
    } else if (kind == TaskKind::survival) {
      validation.score += survival_loss(own).item<double>();
      const at::Tensor risk_B = task_.discrete_hazards()
                                    ? discrete_risk(own.outputs_BT, task_.interval_ends_days)
                                    : own.outputs_BT.squeeze(1);
      const SurvivalTargets follow_up = targets_.follow_up(own.samples);
      validation.metrics["c_index"] =
          concordance(follow_up.time_days, follow_up.event, to_doubles(risk_B)).c_index();
    } else {
      const double half_mse = value_loss(own).item<double>();
      validation.score += half_mse;
      validation.metrics["r2_of_training"] = 1 - 2 * half_mse;
    }
  }
  return validation;
}

bool HeadLoss::needs_training_outputs() const { return task_.asks(TaskKind::survival); }

Calibration HeadLoss::calibrate(const at::Tensor& training_BT, const std::vector<int64_t>& training,
                                const at::Tensor& validation_BT,
                                const std::vector<int64_t>& validation) const {
  Calibration calibration;
  if (needs_training_outputs()) {
    const Known own = known(TaskKind::survival, training_BT, training);
    const SurvivalTargets follow_up = targets_.follow_up(own.samples);
    if (task_.discrete_hazards()) {
      calibration.risk_cuts = thirds(
          to_doubles(discrete_risk(own.outputs_BT.to(at::kDouble), task_.interval_ends_days)));
    } else {
      const std::vector<double> risk = to_doubles(own.outputs_BT);
      const BaselineHazard hazard(follow_up.time_days, follow_up.event, risk);
      calibration.hazard_time_days = hazard.time();
      calibration.cumulative_hazard = hazard.cumulative();
      calibration.risk_cuts = thirds(risk);
    }
  }
  if (!task_.asks(TaskKind::classification) || !validation_BT.defined()) return calibration;
  const Known own = known(TaskKind::classification, validation_BT, validation);
  if (own.samples.empty()) return calibration;
  const auto num_classes = static_cast<int64_t>(task_.classes.size());
  const at::Tensor logits_BK = own.outputs_BT.to(at::kDouble);
  std::vector<int64_t> labels;
  for (const int64_t sample : own.samples)
    labels.push_back(targets_.labels[static_cast<size_t>(sample)]);
  calibration.temperature = fit_temperature(to_doubles(logits_BK), labels, num_classes);
  const std::vector<double> probability =
      to_doubles((logits_BK / calibration.temperature).softmax(1));
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto width = static_cast<size_t>(num_classes);
    calibration.nonconformity.push_back(
        nonconformity(std::span(probability).subspan(i * width, width), labels[i]));
  }
  std::sort(calibration.nonconformity.begin(), calibration.nonconformity.end());
  return calibration;
}

}  // namespace cohesin
