#include "cohesin/run/head_outputs.h"

#include <ATen/ATen.h>

#include <iterator>
#include <span>

#include "cohesin/stats/calibrate.h"
#include "cohesin/stats/cox.h"
#include "cohesin/tasks/survival.h"
#include "cohesin/tensor/plain_values.h"

namespace cohesin {

namespace {

void read_classes(const at::Tensor& logits_BK, const Calibration& calibration,
                  HeadAnswers& answers) {
  answers.probability = to_doubles((logits_BK / calibration.temperature).softmax(1));
  const std::vector<double>& known = calibration.nonconformity;
  const auto num_classes = static_cast<size_t>(logits_BK.size(1));
  answers.num_calibration = static_cast<double>(known.size());
  answers.stranger.assign(answers.probability.size(), 0);
  for (size_t i = 0; i < answers.stranger.size(); ++i) {
    const auto row =
        std::span(answers.probability).subspan(i / num_classes * num_classes, num_classes);
    const double p =
        conformal_p_value(known, nonconformity(row, static_cast<int64_t>(i % num_classes)));
    answers.stranger[i] = p * static_cast<double>(known.size() + 1) - 1;
  }
}

void read_survival(const at::Tensor& outputs_BS, const TaskConfig& task,
                   const Calibration& calibration, HeadAnswers& answers) {
  const std::vector<double>& horizons = task.horizons_days;
  if (task.discrete_hazards()) {
    answers.risk = to_doubles(discrete_risk(outputs_BS, task.interval_ends_days));
    answers.survival = to_doubles(discrete_survival(outputs_BS, task.interval_ends_days, horizons));
    return;
  }
  answers.risk = to_doubles(outputs_BS.squeeze(1));
  const BaselineHazard hazard(calibration.hazard_time_days, calibration.cumulative_hazard);
  for (const double risk : answers.risk)
    for (const double days : horizons) answers.survival.push_back(hazard.survival(days, risk));
}

void add_rows(std::vector<double>& to, const std::vector<double>& from, size_t first_row,
              size_t num_rows, double weight) {
  const size_t width = num_rows == 0 ? 0 : from.size() / num_rows;
  for (size_t i = 0; i < from.size(); ++i) to[first_row * width + i] += weight * from[i];
}

}  // namespace

HeadAnswers HeadAnswers::zeros(const TaskConfig& task, size_t num_samples) {
  HeadAnswers answers;
  if (task.asks(TaskKind::classification)) {
    answers.probability.assign(num_samples * task.classes.size(), 0);
    answers.stranger = answers.probability;
  }
  if (task.asks(TaskKind::survival)) {
    answers.risk.assign(num_samples, 0);
    answers.survival.assign(num_samples * task.horizons_days.size(), 0);
  }
  if (task.asks(TaskKind::regression)) answers.values.assign(num_samples * task.values.size(), 0);
  return answers;
}

void HeadAnswers::add(const HeadAnswers& more, size_t first, size_t num_rows, double weight) {
  add_rows(probability, more.probability, first, num_rows, weight);
  add_rows(risk, more.risk, first, num_rows, weight);
  add_rows(survival, more.survival, first, num_rows, weight);
  add_rows(values, more.values, first, num_rows, weight);
  add_rows(stranger, more.stranger, first, num_rows, 1);
}

void HeadAnswers::add_risk_cuts(const std::vector<double>& cuts, size_t num_members) {
  risk_cuts.resize(cuts.size(), 0);
  for (size_t i = 0; i < cuts.size(); ++i)
    risk_cuts[i] += cuts[i] / static_cast<double>(num_members);
}

HeadAnswers read_outputs(const at::Tensor& outputs_BT, const TaskConfig& task,
                         const Calibration& calibration) {
  const at::Tensor outputs = outputs_BT.to(at::kCPU, at::kDouble);
  const auto part = [&](TaskKind kind) {
    const auto [begin, count] = task.outputs_of(kind);
    return outputs.narrow(1, begin, count);
  };
  HeadAnswers answers;
  if (task.asks(TaskKind::classification))
    read_classes(part(TaskKind::classification), calibration, answers);
  if (task.asks(TaskKind::survival))
    read_survival(part(TaskKind::survival), task, calibration, answers);
  if (task.asks(TaskKind::regression)) {
    answers.values = to_doubles(part(TaskKind::regression));
    const size_t width = task.values.size();
    for (size_t i = 0; i < answers.values.size(); ++i)
      answers.values[i] =
          answers.values[i] * task.value_sds[i % width] + task.value_means[i % width];
  }
  return answers;
}

}  // namespace cohesin
