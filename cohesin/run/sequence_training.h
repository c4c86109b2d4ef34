#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/data/sequence_dataset.h"
#include "cohesin/run/adaptable_training.h"
#include "cohesin/run/head_loss.h"
#include "cohesin/run/training_samples.h"
#include "cohesin/tasks/sequence_predictor.h"
#include "cohesin/train/train_settings.h"

namespace cohesin {

// Masked language modelling on sequences. The validation score is the mean loss of a hidden token
// of the held-out sequences, with masks (and windows) that do not change between epochs; metrics
// hold accuracy and perplexity.
class SequenceMaskedLmTraining : public AdaptableTraining {
 public:
  SequenceMaskedLmTraining(std::shared_ptr<SequenceModel> model,
                           std::shared_ptr<const SequenceDataset> dataset, TrainingSamples samples,
                           const TaskConfig& task, const TrainSettings& settings);

  torch::nn::Module& module() override { return *model_; }
  std::vector<std::string> sample_names() const override;
  LossParts loss(const std::vector<int64_t>& samples, const StepAddress& at) override;
  bool has_validation() const override { return !samples_.validation.empty(); }
  Validation validate() override;
  // The layers that name the words: trained whatever is frozen, unless there is an adapter.
  bool is_head(const std::string& parameter_name) const override;

 private:
  // The summed loss of the selected tokens, how many they are, how many were right.
  struct Sums {
    at::Tensor loss;
    int64_t selected = 0, right = 0;
  };
  Sums ask(const std::vector<int64_t>& samples, uint64_t seed, uint64_t epoch);

  std::shared_ptr<SequenceModel> model_;
  std::shared_ptr<const SequenceDataset> dataset_;
  TrainingSamples samples_;
  MaskingSettings masking_;
  TrainSettings settings_;
  bool has_adapter_ = false;
};

// A head on a model of sequences. What is asked has a known outcome: samples, or single letters of
// samples (task.per_letter), numbered as SequenceDataset::letters_in does.
class SequenceHeadTraining : public AdaptableTraining {
 public:
  SequenceHeadTraining(std::shared_ptr<SequencePredictor> predictor,
                       std::shared_ptr<const SequenceDataset> dataset, TaskTargets targets,
                       TrainingSamples samples, const TaskConfig& task,
                       const TrainSettings& settings);

  torch::nn::Module& module() override { return *predictor_; }
  std::vector<std::string> sample_names() const override;
  LossParts loss(const std::vector<int64_t>& samples, const StepAddress& at) override;
  bool has_validation() const override { return !samples_.validation.empty(); }
  Validation validate() override;
  bool first_epoch_is_slow() const override;                       // the frozen embeddings
  std::map<std::string, std::string> checkpoint_texts() override;  // calibration.json

 private:
  // What is asked about these samples, and what the head says, in the same order.
  struct Answers {
    std::vector<int64_t> items;
    at::Tensor outputs;  // [items,T]
  };
  Answers ask(const std::vector<int64_t>& samples);
  Answers ask_all(const std::vector<int64_t>& samples);  // in batches, without gradient
  at::Tensor embed(const std::vector<int64_t>& samples);

  std::shared_ptr<SequencePredictor> predictor_;
  std::shared_ptr<const SequenceDataset> dataset_;
  TrainingSamples samples_;
  bool per_letter_;
  int64_t num_training_items_;
  HeadLoss head_loss_;
  std::map<int64_t, at::Tensor> frozen_;  // by sample: what the head reads, where it never changes
};

// Tokens of sequences that go through a model together when nothing is learnt.
inline constexpr int64_t kTokensABatch = 4096;

}  // namespace cohesin
