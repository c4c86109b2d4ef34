#include "cohesin/run/head_training.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "cohesin/tasks/consistency.h"

namespace cohesin {

HeadTraining::HeadTraining(std::shared_ptr<OmicsPredictor> predictor,
                           std::shared_ptr<const OmicsDataset> dataset, TaskTargets targets,
                           TrainingSamples samples, const TaskConfig& task,
                           const TrainSettings& settings)
    : predictor_(std::move(predictor)),
      dataset_(std::move(dataset)),
      samples_(std::move(samples)),
      settings_(settings),
      head_loss_(task, std::move(targets), settings, samples_.train) {}

std::vector<std::string> HeadTraining::sample_names() const {
  return names_of(*dataset_, samples_.train);
}

bool HeadTraining::first_epoch_is_slow() const {
  return predictor_->model() != nullptr && trained_share(*predictor_->model()).trained == 0;
}

bool HeadTraining::decays(const std::string& parameter_name, const at::Tensor& parameter) const {
  // The linear path has a penalty of its own.
  return parameter_name.rfind("head.linear.", 0) != 0 &&
         AdaptableTraining::decays(parameter_name, parameter);
}

at::Tensor HeadTraining::frozen_embeddings(const View& view) {
  if (!first_epoch_is_slow()) return {};
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> pooled;
  for (size_t i = 0; i < view.samples.size(); ++i) {
    const uint32_t bits = view.hidden.empty() ? 0 : view.hidden[i];
    at::Tensor& embedding = frozen_[{view.samples[i], bits}];
    if (!embedding.defined())
      embedding = predictor_->embed(dataset_->batch({view.samples[i]}, {bits})).squeeze(0);
    pooled.push_back(embedding);
  }
  return at::stack(pooled);
}

std::vector<HeadTraining::View> HeadTraining::single_views(
    const std::vector<int64_t>& samples) const {
  std::vector<View> views;
  for (const auto& omic : dataset_->encoder().omics()) {
    const uint32_t bit = dataset_->bit_of(omic);
    View view;
    for (const int64_t sample : samples) {
      const uint32_t present = dataset_->present_omics(sample);
      if ((present & bit) == 0 || std::popcount(present) < 2) continue;
      view.samples.push_back(sample);
      view.hidden.push_back(present & ~bit);
    }
    if (!view.samples.empty()) views.push_back(std::move(view));
  }
  return views;
}

at::Tensor HeadTraining::outputs(const View& view) {
  return predictor_->forward(dataset_->batch(view.samples, view.hidden), frozen_embeddings(view));
}

at::Tensor HeadTraining::outputs(const std::vector<int64_t>& samples) {
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> parts;
  for (auto& part : chunks(samples)) parts.push_back(outputs(View{std::move(part), {}}));
  return parts.empty() ? at::Tensor() : at::cat(parts);
}

at::Tensor HeadTraining::consistency(const View& one) {
  const bool frozen = first_epoch_is_slow();
  return consistency_loss(
      settings_.consistency, predictor_->representation(dataset_->batch(one.samples, {}), frozen),
      predictor_->representation(dataset_->batch(one.samples, one.hidden), frozen),
      settings_.consistency_temperature);
}

LossParts HeadTraining::loss(const std::vector<int64_t>& samples, const StepAddress& at) {
  View shown{choose(samples_.train, samples), {}};
  shown.hidden = draw_hidden_omics(*dataset_, shown.samples, settings_.modality_dropout, at.seed,
                                   static_cast<uint64_t>(at.epoch));
  const at::Tensor& log_variance = predictor_->log_variance();
  LossParts total = head_loss_(outputs(shown), shown.samples, log_variance);
  const double single = settings_.single_modality_weight;
  const bool consistent = settings_.consistency != "none" && settings_.consistency_weight > 0;
  if (single > 0 || consistent) {
    double weights = 1;
    at::Tensor agreement;
    for (const View& view : single_views(shown.samples)) {
      if (single > 0) {
        total.loss =
            total.loss + head_loss_(outputs(view), view.samples, log_variance).loss * single;
        weights += single;
      }
      if (!consistent) continue;
      const at::Tensor one = consistency(view);
      agreement = agreement.defined() ? agreement + one : one;
    }
    total.loss = total.loss / weights;
    if (agreement.defined()) total.loss = total.loss + agreement * settings_.consistency_weight;
  }
  if (const at::Tensor penalty = predictor_->penalty(); penalty.defined())
    total.loss = total.loss + penalty;
  return total;
}

Validation HeadTraining::validate() {
  Validation validation = head_loss_.validate(outputs(samples_.validation), samples_.validation);
  if (settings_.single_modality_weight <= 0) return validation;
  // The best epoch is to be good with one modality, too.
  double weights = 1;
  const torch::NoGradGuard no_grad;
  for (const View& view : single_views(samples_.validation)) {
    const Validation single = head_loss_.validate(outputs(view), view.samples);
    validation.score += settings_.single_modality_weight * single.score;
    weights += settings_.single_modality_weight;
  }
  validation.score /= weights;
  return validation;
}

std::map<std::string, std::string> HeadTraining::checkpoint_texts() {
  const bool was_training = predictor_->is_training();
  predictor_->eval();
  Calibration calibration = head_loss_.calibrate(
      head_loss_.needs_training_outputs() ? outputs(samples_.train) : at::Tensor(), samples_.train,
      outputs(samples_.validation), samples_.validation);
  predictor_->train(was_training);
  if (largest_deviation_.empty())  // of the data alone: once is enough
    for (const auto& omic : dataset_->encoder().omics())
      for (const int64_t sample : samples_.train)
        if (const double deviation = dataset_->deviation(omic, sample); !std::isnan(deviation))
          largest_deviation_[omic] = std::max(largest_deviation_[omic], deviation);
  calibration.largest_deviation = largest_deviation_;
  return {{"calibration.json", write_config(std::move(calibration))}};
}

}  // namespace cohesin
