#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/data/masking.h"
#include "cohesin/data/omics_dataset.h"
#include "cohesin/models/model.h"
#include "cohesin/run/training_samples.h"
#include "cohesin/tasks/task_config.h"
#include "cohesin/train/train_settings.h"
#include "cohesin/train/trainable.h"

namespace cohesin {

// Masked language modelling on a cohort; a sample that lacks an omic, or does without it by
// modality dropout, shows all <mask> there and is not scored on it. The validation score is the
// training loss on the held-out samples with masks that do not change between epochs; metrics hold
// each omic's loss and accuracy.
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

// Which omics the samples of a batch must do without: with probability `modality_dropout` a sample
// loses a random non-empty part of its omics, but never all.
HiddenOmics draw_hidden_omics(const OmicsDataset& dataset, const std::vector<int64_t>& samples,
                              double modality_dropout, uint64_t seed, uint64_t epoch);

// Batches of validation and prediction.
std::vector<std::vector<int64_t>> chunks(const std::vector<int64_t>& samples);
std::vector<std::string> names_of(const OmicsDataset& dataset, const std::vector<int64_t>& samples);

}  // namespace cohesin
