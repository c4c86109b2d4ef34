#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cohesin/models/heads.h"
#include "cohesin/models/model.h"
#include "cohesin/tasks/task_config.h"

namespace cohesin {

// A two-layer network on the scaled values of each omic, joined before the last layer:
//   logits = out(concat over omics of present_m * dropout(relu(in_m(x_m))))
// An omic that is absent or hidden contributes nothing. It is the strong plain method on a few
// hundred samples; beside the deep path it carries what tokens and pooling lose.
class ShallowPath : public torch::nn::Module {
 public:
  // `num_features`: values an omic, by omic, in the batch's order.
  ShallowPath(const std::vector<std::pair<std::string, int64_t>>& num_features,
              const TaskConfig& task, int64_t num_outputs);
  // batch: OMIC.features [B,F], OMIC.present [B]; returns [B,T].
  at::Tensor forward(const Batch& batch);

 private:
  std::vector<std::string> omics_;
  double dropout_, input_dropout_;
  torch::nn::ModuleList in_;
  torch::nn::Linear out_{nullptr};
};

// A model with a head: the embedding's mean through the head's network (deep path), the shallow
// path beside it, logits added. Parameter names: the model's own, `head.deep.*`, `head.shallow.*`.
class OmicsClassifier : public torch::nn::Module {
 public:
  // `model` is null without a deep path. Throws Error if the task names neither path.
  OmicsClassifier(std::shared_ptr<OmicsModel> model, const TaskConfig& task,
                  const std::vector<std::pair<std::string, int64_t>>& num_features, uint64_t seed);

  // batch: as OmicsDataset makes it; returns logits [B,T]. `pooled_BD`, where defined, is what
  // embed() would give (a frozen model need not be asked twice).
  at::Tensor forward(const Batch& batch, const at::Tensor& pooled_BD = {});
  // The sample embedding [B,D]: the mean of the model's embedding over its positions.
  at::Tensor embed(const Batch& batch);

  OmicsModel* model() { return model_.get(); }

 private:
  std::shared_ptr<OmicsModel> model_;
  std::shared_ptr<torch::nn::Module> head_;  // registers the two paths
  std::shared_ptr<MlpHead> deep_;
  std::shared_ptr<ShallowPath> shallow_;
};

// Cross-entropy, the mean over samples weighted by their class (class_weights_T undefined = 1).
at::Tensor classification_loss(const at::Tensor& logits_BT, const at::Tensor& labels_B,
                               const at::Tensor& class_weights_T, double label_smoothing);

// n / (classes * size) a class; throws Error for a class without a sample.
std::vector<double> balanced_class_weights(const std::vector<int64_t>& labels,
                                           const std::vector<std::string>& classes);

}  // namespace cohesin
