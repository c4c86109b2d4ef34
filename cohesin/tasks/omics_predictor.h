#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cohesin/models/heads.h"
#include "cohesin/models/model.h"
#include "cohesin/models/shallow_path.h"
#include "cohesin/tasks/task_config.h"

namespace cohesin {

// A model with a head: the embedding's mean through the head's network (deep path), the shallow and
// the linear path beside it, outputs added. Parameter names: the model's own, `head.deep.*`,
// `head.shallow.*`, `head.linear.*`, and of a joint task `head.log_variance`.
class OmicsPredictor : public torch::nn::Module {
 public:
  // `model` is null without a deep path. Throws Error if the task names neither path.
  OmicsPredictor(std::shared_ptr<OmicsModel> model, const TaskConfig& task,
                 const std::vector<std::pair<std::string, int64_t>>& num_features, uint64_t seed);

  // batch: as OmicsDataset makes it; returns outputs [B,T]. `pooled_BD`, where defined, is what
  // embed() would give (a frozen model need not be asked twice).
  at::Tensor forward(const Batch& batch, const at::Tensor& pooled_BD = {});
  // The sample embedding [B,D]: the mean of the model's embedding over its positions.
  at::Tensor embed(const Batch& batch);

  // What consistency is asked of: the sample embedding, or without one that is trained the shallow
  // path's hidden layer; [B,D]. Throws Error where there is neither.
  at::Tensor representation(const Batch& batch, bool model_is_frozen);
  // Half of task.linear_penalty times the squared weights of the linear path; undefined without it.
  at::Tensor penalty() const;
  // One entry a kind of a joint task, weighs their losses; undefined where they weigh the same.
  const at::Tensor& log_variance() const { return log_variance_; }

  OmicsModel* model() { return model_.get(); }

 private:
  std::shared_ptr<OmicsModel> model_;
  std::shared_ptr<torch::nn::Module> head_;  // registers the two paths
  std::shared_ptr<MlpHead> deep_;
  std::shared_ptr<ShallowPath> shallow_;
  std::shared_ptr<LinearPath> linear_;
  double linear_penalty_ = 0;
  at::Tensor log_variance_;
};

}  // namespace cohesin
