#include "cohesin/run/sequence_training.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "cohesin/models/masked_lm_loss.h"
#include "cohesin/nn/adapter.h"

namespace cohesin {
namespace {

std::vector<std::string> names_of(const SequenceDataset& dataset,
                                  const std::vector<int64_t>& samples) {
  std::vector<std::string> names;
  for (const int64_t sample : samples) names.push_back(dataset.name(sample));
  return names;
}

// The parts of `samples` that go through a model together.
std::vector<std::vector<int64_t>> parts_of(const SequenceDataset& dataset,
                                           const std::vector<int64_t>& samples) {
  std::vector<std::vector<int64_t>> parts;
  for (const auto& places : dataset.batches(samples, kTokensABatch)) {
    parts.emplace_back();
    for (const size_t place : places) parts.back().push_back(samples[place]);
  }
  return parts;
}

// A frozen model's letters are kept up to so many numbers; beyond, they are computed each time.
constexpr int64_t kMostKeptNumbers = int64_t{64} << 20;

std::vector<int64_t> training_items(const SequenceDataset& dataset, const TaskConfig& task,
                                    const std::vector<int64_t>& samples) {
  return task.per_letter ? dataset.letters_in(samples) : samples;
}

}  // namespace

// --- masked language modelling

SequenceMaskedLmTraining::SequenceMaskedLmTraining(std::shared_ptr<SequenceModel> model,
                                                   std::shared_ptr<const SequenceDataset> dataset,
                                                   TrainingSamples samples, const TaskConfig& task,
                                                   const TrainSettings& settings)
    : model_(std::move(model)),
      dataset_(std::move(dataset)),
      samples_(std::move(samples)),
      settings_(settings) {
  masking_.selected_fraction = task.masked_fraction;
  for (const auto& parameter : model_->named_parameters())
    has_adapter_ = has_adapter_ || is_adapter_parameter(parameter.key());
}

std::vector<std::string> SequenceMaskedLmTraining::sample_names() const {
  return names_of(*dataset_, samples_.train);
}

bool SequenceMaskedLmTraining::is_head(const std::string& parameter_name) const {
  return !has_adapter_ && parameter_name.rfind("lm_head", 0) == 0;
}

SequenceMaskedLmTraining::Sums SequenceMaskedLmTraining::ask(const std::vector<int64_t>& samples,
                                                             uint64_t seed, uint64_t epoch) {
  Batch batch = dataset_->batch(samples, CropAddress{seed, epoch});
  const at::Tensor labels_N = mask_tokens(batch, *dataset_, samples, masking_, seed, epoch);
  const at::Tensor chosen_M = (labels_N != kNoLabel).nonzero().squeeze(1);
  const at::Tensor labels_M = labels_N.index_select(0, chosen_M);
  const at::Tensor logits_MV =
      model_->forward(batch, {"logits"}).at("logits").index_select(0, chosen_M).to(at::kFloat);
  Sums sums;
  sums.loss = at::cross_entropy_loss(logits_MV, labels_M, {}, at::Reduction::Sum);
  sums.selected = labels_M.numel();
  sums.right = (logits_MV.argmax(1) == labels_M).sum().item<int64_t>();
  return sums;
}

LossParts SequenceMaskedLmTraining::loss(const std::vector<int64_t>& samples,
                                         const StepAddress& at) {
  const Sums sums =
      ask(choose(samples_.train, samples), at.seed, static_cast<uint64_t>(at.epoch) + 1);
  return {sums.loss / static_cast<double>(std::max<int64_t>(sums.selected, 1)),
          static_cast<double>(sums.selected)};
}

Validation SequenceMaskedLmTraining::validate() {
  double loss = 0, selected = 0, right = 0;
  for (const auto& part : parts_of(*dataset_, samples_.validation)) {
    const Sums sums = ask(part, static_cast<uint64_t>(settings_.seed), 0);
    loss += sums.loss.item<double>();
    selected += static_cast<double>(sums.selected);
    right += static_cast<double>(sums.right);
  }
  Validation validation;
  validation.score = loss / std::max(selected, 1.0);
  validation.metrics = {{"accuracy", right / std::max(selected, 1.0)},
                        {"perplexity", std::exp(validation.score)}};
  return validation;
}

// --- heads

SequenceHeadTraining::SequenceHeadTraining(std::shared_ptr<SequencePredictor> predictor,
                                           std::shared_ptr<const SequenceDataset> dataset,
                                           TaskTargets targets, TrainingSamples samples,
                                           const TaskConfig& task, const TrainSettings& settings)
    : predictor_(std::move(predictor)),
      dataset_(std::move(dataset)),
      samples_(std::move(samples)),
      per_letter_(task.per_letter),
      num_training_items_(std::ssize(training_items(*dataset_, task, samples_.train))),
      head_loss_(task, std::move(targets), settings,
                 training_items(*dataset_, task, samples_.train)) {}

std::vector<std::string> SequenceHeadTraining::sample_names() const {
  return names_of(*dataset_, samples_.train);
}

bool SequenceHeadTraining::first_epoch_is_slow() const {
  return trained_share(predictor_->model()).trained == 0;
}

at::Tensor SequenceHeadTraining::embed(const std::vector<int64_t>& samples) {
  const bool keeps = first_epoch_is_slow() &&
                     num_training_items_ * predictor_->model().embedding_dim() <= kMostKeptNumbers;
  if (!keeps) return predictor_->embed(dataset_->batch(samples));
  // Each alone, so that its bits do not depend on the batch.
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> parts;
  for (const int64_t sample : samples) {
    at::Tensor& kept = frozen_[sample];
    if (!kept.defined()) kept = predictor_->embed(dataset_->batch({sample}));
    parts.push_back(kept);
  }
  return at::cat(parts);
}

SequenceHeadTraining::Answers SequenceHeadTraining::ask(const std::vector<int64_t>& samples) {
  return {per_letter_ ? dataset_->letters_in(samples) : samples, predictor_->head(embed(samples))};
}

SequenceHeadTraining::Answers SequenceHeadTraining::ask_all(const std::vector<int64_t>& samples) {
  const torch::NoGradGuard no_grad;
  Answers all;
  std::vector<at::Tensor> outputs;
  for (const auto& part : parts_of(*dataset_, samples)) {
    Answers some = ask(part);
    all.items.insert(all.items.end(), some.items.begin(), some.items.end());
    outputs.push_back(some.outputs);
  }
  if (!outputs.empty()) all.outputs = at::cat(outputs);
  return all;
}

LossParts SequenceHeadTraining::loss(const std::vector<int64_t>& samples,
                                     const StepAddress& /*at*/) {
  const Answers answers = ask(choose(samples_.train, samples));
  return head_loss_(answers.outputs, answers.items, predictor_->log_variance());
}

Validation SequenceHeadTraining::validate() {
  const Answers answers = ask_all(samples_.validation);
  return head_loss_.validate(answers.outputs, answers.items);
}

std::map<std::string, std::string> SequenceHeadTraining::checkpoint_texts() {
  const bool was_training = predictor_->is_training();
  predictor_->eval();
  const Answers training =
      head_loss_.needs_training_outputs() ? ask_all(samples_.train) : Answers{samples_.train, {}};
  const Answers validation = ask_all(samples_.validation);
  Calibration calibration =
      head_loss_.calibrate(training.outputs, training.items, validation.outputs, validation.items);
  predictor_->train(was_training);
  return {{"calibration.json", write_config(std::move(calibration))}};
}

}  // namespace cohesin
