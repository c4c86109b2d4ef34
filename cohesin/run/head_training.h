#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cohesin/run/adaptable_training.h"
#include "cohesin/run/head_loss.h"
#include "cohesin/run/omics_training.h"
#include "cohesin/tasks/omics_predictor.h"

namespace cohesin {

// A head for the samples whose outcome is known. Against a missing modality, singly or together:
// modality dropout (a sample that has several omics does without some of them, drawn anew each
// epoch), the task's loss on each omic alone, and consistency between the embeddings from one omic
// and from all. Survival's risk sets are those of a batch.
class HeadTraining : public AdaptableTraining {
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
  bool decays(const std::string& parameter_name, const at::Tensor& parameter) const override;
  std::map<std::string, std::string> checkpoint_texts() override;  // calibration.json

 private:
  // Some samples as seen without the omics that are hidden from them.
  struct View {
    std::vector<int64_t> samples;  // of the cohort
    HiddenOmics hidden;
  };
  // For each omic, the samples that have it and others, seen with it alone.
  std::vector<View> single_views(const std::vector<int64_t>& samples) const;
  at::Tensor outputs(const View& view);
  at::Tensor outputs(const std::vector<int64_t>& samples);  // in batches, without gradient
  // The embeddings of a frozen model, each computed once, alone, so that its bits do not depend on
  // the batch; undefined if the model is trained.
  at::Tensor frozen_embeddings(const View& view);
  at::Tensor consistency(const View& one);

  std::shared_ptr<OmicsPredictor> predictor_;
  std::shared_ptr<const OmicsDataset> dataset_;
  TrainingSamples samples_;
  TrainSettings settings_;
  HeadLoss head_loss_;
  std::map<std::string, double> largest_deviation_;            // by omic
  std::map<std::pair<int64_t, uint32_t>, at::Tensor> frozen_;  // by sample and hidden omics
};

}  // namespace cohesin
