#include "cohesin/run/omics_training.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "cohesin/base/philox.h"
#include "cohesin/metrics/concordance.h"
#include "cohesin/nn/adapter.h"
#include "cohesin/tasks/classification.h"
#include "cohesin/tasks/masked_lm.h"

namespace cohesin {

namespace {

constexpr size_t kValidationBatch = 64;

std::vector<std::string> names_of(const OmicsDataset& dataset,
                                  const std::vector<int64_t>& samples) {
  std::vector<std::string> names;
  for (const int64_t sample : samples)
    names.push_back(dataset.cohort().obs.index[static_cast<size_t>(sample)]);
  return names;
}

std::vector<int64_t> choose(const std::vector<int64_t>& from, const std::vector<int64_t>& which) {
  std::vector<int64_t> chosen;
  for (const int64_t index : which) chosen.push_back(from[static_cast<size_t>(index)]);
  return chosen;
}

std::vector<std::vector<int64_t>> chunks(const std::vector<int64_t>& samples) {
  std::vector<std::vector<int64_t>> parts;
  for (size_t begin = 0; begin < samples.size(); begin += kValidationBatch) {
    const size_t end = std::min(samples.size(), begin + kValidationBatch);
    parts.emplace_back(samples.begin() + static_cast<int64_t>(begin),
                       samples.begin() + static_cast<int64_t>(end));
  }
  return parts;
}

}  // namespace

HiddenOmics draw_hidden_omics(const OmicsDataset& dataset, const std::vector<int64_t>& samples,
                              double modality_dropout, uint64_t seed, uint64_t epoch) {
  HiddenOmics hidden(samples.size(), 0);
  for (size_t i = 0; i < samples.size(); ++i) {
    const uint32_t present = dataset.present_omics(samples[i]);
    if (std::popcount(present) < 2) continue;
    const auto& name = dataset.cohort().obs.index[static_cast<size_t>(samples[i])];
    RandomStream random(seed, "modality_dropout/" + name, epoch);
    if (random.uniform() >= modality_dropout) continue;
    while (hidden[i] == 0 || hidden[i] == present) hidden[i] = random.next_word() & present;
  }
  return hidden;
}

MaskedLmTraining::MaskedLmTraining(std::shared_ptr<OmicsModel> model,
                                   std::shared_ptr<const OmicsDataset> dataset,
                                   TrainingSamples samples, const TaskConfig& task,
                                   const TrainSettings& settings)
    : model_(std::move(model)),
      dataset_(std::move(dataset)),
      samples_(std::move(samples)),
      settings_(settings) {
  masking_.selected_fraction = task.masked_fraction;
}

std::vector<std::string> MaskedLmTraining::sample_names() const {
  return names_of(*dataset_, samples_.train);
}

LossParts MaskedLmTraining::loss(const std::vector<int64_t>& samples, const StepAddress& at) {
  NamedTensors labels;
  const Batch batch =
      make_masked_batch(*model_, *dataset_, choose(samples_.train, samples), masking_, at.seed,
                        static_cast<uint64_t>(at.epoch) + 1, labels);
  return {masked_lm_training_loss(*model_, batch, labels), static_cast<double>(samples.size())};
}

Validation MaskedLmTraining::validate() {
  MaskedLmScorer scorer;
  for (const auto& part : chunks(samples_.validation)) {
    NamedTensors labels;
    const Batch batch = make_masked_batch(*model_, *dataset_, part, masking_,
                                          static_cast<uint64_t>(settings_.seed), 0, labels);
    scorer.add(*model_, batch, labels);
  }
  Validation validation;
  for (const auto& [omic, scores] : scorer.result()) {
    validation.score += scores.loss_nats;
    validation.metrics["loss_" + omic] = scores.loss_nats;
    validation.metrics["accuracy_" + omic] = scores.accuracy;
  }
  return validation;
}

HeadTraining::HeadTraining(std::shared_ptr<OmicsPredictor> predictor,
                           std::shared_ptr<const OmicsDataset> dataset, TaskTargets targets,
                           TrainingSamples samples, const TaskConfig& task,
                           const TrainSettings& settings)
    : predictor_(std::move(predictor)),
      dataset_(std::move(dataset)),
      targets_(std::move(targets)),
      samples_(std::move(samples)),
      settings_(settings),
      ties_(task.ties == "breslow" ? CoxTies::breslow : CoxTies::efron) {
  if (targets_.labels.empty() || settings_.class_weights != "balanced") return;
  std::vector<int64_t> training_labels;
  for (const int64_t sample : samples_.train)
    training_labels.push_back(targets_.labels[static_cast<size_t>(sample)]);
  class_weights_T_ = at::tensor(balanced_class_weights(training_labels, task.classes), at::kFloat);
}

std::vector<std::string> HeadTraining::sample_names() const {
  return names_of(*dataset_, samples_.train);
}

at::Tensor HeadTraining::labels_of(const std::vector<int64_t>& cohort_samples) const {
  std::vector<int64_t> labels;
  for (const int64_t sample : cohort_samples)
    labels.push_back(targets_.labels[static_cast<size_t>(sample)]);
  return at::tensor(labels, at::kLong);
}

bool HeadTraining::first_epoch_is_slow() const {
  return predictor_->model() != nullptr && trained_share(*predictor_->model()).trained == 0;
}

bool HeadTraining::is_adapter(const std::string& parameter_name) const {
  return is_adapter_parameter(parameter_name);
}

bool HeadTraining::decays(const std::string& parameter_name, const at::Tensor& parameter) const {
  return !is_adapter_scale(parameter_name) && Trainable::decays(parameter_name, parameter);
}

at::Tensor HeadTraining::frozen_embeddings(const std::vector<int64_t>& cohort_samples,
                                           const HiddenOmics& hidden) {
  if (!first_epoch_is_slow()) return {};
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> pooled;
  for (size_t i = 0; i < cohort_samples.size(); ++i) {
    const uint32_t bits = hidden.empty() ? 0 : hidden[i];
    at::Tensor& embedding = frozen_[{cohort_samples[i], bits}];
    if (!embedding.defined())
      embedding = predictor_->embed(dataset_->batch({cohort_samples[i]}, {bits})).squeeze(0);
    pooled.push_back(embedding);
  }
  return at::stack(pooled);
}

LossParts HeadTraining::task_loss(const at::Tensor& outputs_BT,
                                  const std::vector<int64_t>& samples) const {
  if (targets_.labels.empty()) {
    const SurvivalTargets follow_up = targets_.follow_up(samples);
    return {cox_loss(outputs_BT.squeeze(1), follow_up, ties_),
            static_cast<double>(std::count(follow_up.event.begin(), follow_up.event.end(), 1))};
  }
  const at::Tensor labels_B = labels_of(samples);
  const double weight = class_weights_T_.defined()
                            ? class_weights_T_.index_select(0, labels_B).sum().item<double>()
                            : static_cast<double>(samples.size());
  return {classification_loss(outputs_BT, labels_B, class_weights_T_, settings_.label_smoothing),
          weight};
}

LossParts HeadTraining::loss(const std::vector<int64_t>& samples, const StepAddress& at) {
  const std::vector<int64_t> chosen = choose(samples_.train, samples);
  const HiddenOmics hidden = draw_hidden_omics(*dataset_, chosen, settings_.modality_dropout,
                                               at.seed, static_cast<uint64_t>(at.epoch));
  return task_loss(
      predictor_->forward(dataset_->batch(chosen, hidden), frozen_embeddings(chosen, hidden)),
      chosen);
}

Validation HeadTraining::validate() {
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> outputs;
  for (const auto& part : chunks(samples_.validation))
    outputs.push_back(predictor_->forward(dataset_->batch(part), frozen_embeddings(part, {})));
  const at::Tensor outputs_BT = at::cat(outputs).to(at::kDouble).contiguous();
  Validation validation;
  if (targets_.labels.empty()) {
    const SurvivalTargets follow_up = targets_.follow_up(samples_.validation);
    validation.score = cox_loss(outputs_BT.squeeze(1), follow_up, ties_).item<double>();
    const double* risk = outputs_BT.const_data_ptr<double>();
    validation.metrics["c_index"] =
        concordance(follow_up.time_days, follow_up.event, {risk, samples_.validation.size()})
            .c_index();
    return validation;
  }
  const at::Tensor labels_B = labels_of(samples_.validation);
  validation.score = at::cross_entropy_loss(outputs_BT, labels_B).item<double>();
  validation.metrics["accuracy"] =
      (outputs_BT.argmax(1) == labels_B).to(at::kDouble).mean().item<double>();
  return validation;
}

}  // namespace cohesin
