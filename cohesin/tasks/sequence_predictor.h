#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>

#include "cohesin/models/heads.h"
#include "cohesin/models/model.h"
#include "cohesin/tasks/task_config.h"

namespace cohesin {

// A model over tokens with a head on its last hidden state, after the final norm: on the mean over
// the letters' tokens of a sequence or its <cls> (task.pool), or on each letter (task.per_letter).
// Parameter names: the model's own, `head.deep.*`.
class SequencePredictor : public torch::nn::Module {
 public:
  SequencePredictor(std::shared_ptr<SequenceModel> model, const TaskConfig& task, uint64_t seed);

  // batch: as SequenceDataset makes it. Returns outputs [B,T], or [M,T] a letter.
  at::Tensor forward(const Batch& batch);
  // What the head reads, [B,D] or [M,D], and the head alone.
  at::Tensor embed(const Batch& batch);
  at::Tensor head(const at::Tensor& embedded_BD);

  // One entry a kind of a joint task, weighs their losses; undefined where they weigh the same.
  const at::Tensor& log_variance() const { return log_variance_; }

  SequenceModel& model() { return *model_; }

 private:
  std::shared_ptr<SequenceModel> model_;
  std::shared_ptr<MlpHead> head_;
  at::Tensor log_variance_;
  bool per_letter_, cls_;
};

}  // namespace cohesin
