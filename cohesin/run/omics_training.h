#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cohesin/data/masking.h"
#include "cohesin/data/omics_dataset.h"
#include "cohesin/run/task_targets.h"
#include "cohesin/tasks/omics_predictor.h"
#include "cohesin/tasks/task_config.h"
#include "cohesin/train/train_settings.h"
#include "cohesin/train/trainable.h"

namespace cohesin {

// The samples of one training, as indices into the cohort.
struct TrainingSamples {
  std::vector<int64_t> train;
  std::vector<int64_t> validation;  // empty = none
};

// Masked language modelling on a cohort. The validation score is the training loss on the held-out
// samples with masks that do not change between epochs; metrics hold each omic's loss and accuracy.
class MaskedLmTraining : public Trainable {
 public:
  MaskedLmTraining(std::shared_ptr<OmicsModel> model, std::shared_ptr<const OmicsDataset> dataset,
                   TrainingSamples samples, const TaskConfig& task, const TrainSettings& settings);

  torch::nn::Module& module() override { return *model_; }
  std::vector<std::string> sample_names() const override;
  LossParts loss(const std::vector<int64_t>& samples, const StepAddress& at) override;
  bool has_validation() const override { return !samples_.validation.empty(); }
  Validation validate() override;

 private:
  std::shared_ptr<OmicsModel> model_;
  std::shared_ptr<const OmicsDataset> dataset_;
  TrainingSamples samples_;
  MaskingSettings masking_;
  TrainSettings settings_;
};

// A head for the samples whose outcome is known, with modality dropout: a sample that has several
// omics does without some of them, drawn anew each epoch. Survival's risk sets are those of a
// batch.
class HeadTraining : public Trainable {
 public:
  // The outcomes of `samples` are known.
  HeadTraining(std::shared_ptr<OmicsPredictor> predictor,
               std::shared_ptr<const OmicsDataset> dataset, TaskTargets targets,
               TrainingSamples samples, const TaskConfig& task, const TrainSettings& settings);

  torch::nn::Module& module() override { return *predictor_; }
  std::vector<std::string> sample_names() const override;
  LossParts loss(const std::vector<int64_t>& samples, const StepAddress& at) override;
  bool has_validation() const override { return !samples_.validation.empty(); }
  Validation validate() override;
  bool first_epoch_is_slow() const override;  // the frozen embeddings
  bool is_adapter(const std::string& parameter_name) const override;
  // Not the factors of an adapter either, which start at one.
  bool decays(const std::string& parameter_name, const at::Tensor& parameter) const override;

 private:
  at::Tensor labels_of(const std::vector<int64_t>& cohort_samples) const;
  LossParts task_loss(const at::Tensor& outputs_BT, const std::vector<int64_t>& samples) const;
  // The embeddings of a frozen model, each computed once, alone, so that its bits do not depend on
  // the batch; undefined if the model is trained.
  at::Tensor frozen_embeddings(const std::vector<int64_t>& cohort_samples,
                               const HiddenOmics& hidden);

  std::shared_ptr<OmicsPredictor> predictor_;
  std::shared_ptr<const OmicsDataset> dataset_;
  TaskTargets targets_;
  TrainingSamples samples_;
  TrainSettings settings_;
  CoxTies ties_ = CoxTies::efron;
  at::Tensor class_weights_T_;
  std::map<std::pair<int64_t, uint32_t>, at::Tensor> frozen_;  // by sample and hidden omics
};

// Which omics the samples of a batch must do without: with probability `modality_dropout` a sample
// loses a random non-empty part of its omics, but never all.
HiddenOmics draw_hidden_omics(const OmicsDataset& dataset, const std::vector<int64_t>& samples,
                              double modality_dropout, uint64_t seed, uint64_t epoch);

}  // namespace cohesin
