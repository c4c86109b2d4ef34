#include "cohesin/tasks/omics_predictor.h"

#include <torch/nn/module.h>

#include <iterator>

#include "cohesin/base/error.h"
#include "cohesin/models/initialise.h"
#include "cohesin/tasks/model_inputs.h"

namespace cohesin {

OmicsPredictor::OmicsPredictor(std::shared_ptr<OmicsModel> model, const TaskConfig& task,
                               const std::vector<std::pair<std::string, int64_t>>& num_features,
                               uint64_t seed)
    : model_(std::move(model)), linear_penalty_(task.linear_penalty) {
  const auto num_outputs = task.num_outputs();
  if (model_ != nullptr) {  // under its own names, so that its weights fit both
    for (const auto& child : model_->named_children()) register_module(child.key(), child.value());
    for (const auto& own : model_->named_parameters(/*recurse=*/false))
      register_parameter(own.key(), own.value());
  }
  head_ = register_module("head", std::make_shared<torch::nn::Module>());
  if (model_ != nullptr) {
    MlpHeadConfig head;
    head.hidden_sizes = task.hidden_sizes;
    head.layer_norm = task.layer_norm;
    head.dropout_rate = task.dropout;
    head.final_layer_n_logits = num_outputs;
    deep_ =
        head_->register_module("deep", std::make_shared<MlpHead>(model_->embedding_dim(), head));
  }
  if (task.shallow_path) {
    shallow_ = head_->register_module(
        "shallow", std::make_shared<ShallowPath>(
                       num_features, task.shallow_hidden_size, num_outputs,
                       ShallowDropout{task.shallow_input_dropout, task.shallow_dropout}));
  }
  if (task.linear_path)
    linear_ = head_->register_module(
        "linear", std::make_shared<LinearPath>(num_features, num_outputs, task.linear_alone));
  if (task.name == "joint" && task.weighting == "uncertainty")
    log_variance_ = head_->register_parameter("log_variance", at::zeros({std::ssize(task.kinds)}));
  if (deep_ == nullptr && shallow_ == nullptr && linear_ == nullptr)
    throw Error("task: deep_path, shallow_path and linear_path are all off; nothing is learnt");
  initialise(*head_,
             {{".*bias", Initialisation::zeros},
              {"linear\\..*", Initialisation::zeros},
              {"log_variance", Initialisation::zeros},
              {".*norm.*weight", Initialisation::ones},
              {".*weight", Initialisation::fan_in}},
             seed);
}

at::Tensor OmicsPredictor::embed(const Batch& batch) {
  const std::string name = model_->embedding_name();
  return mean_over_positions(model_->forward(rename_inputs(*model_, batch), {name}).at(name));
}

at::Tensor OmicsPredictor::representation(const Batch& batch, bool model_is_frozen) {
  if (model_ != nullptr && !model_is_frozen) return embed(batch);
  if (shallow_ != nullptr) return shallow_->hidden(batch, /*with_dropout=*/false);
  throw Error(
      "train.consistency needs an embedding that is trained: thaw the model (train.freeze) or add "
      "task.shallow_path");
}

at::Tensor OmicsPredictor::penalty() const {
  if (linear_ == nullptr || linear_penalty_ == 0) return {};
  return linear_->squared_weights() * (linear_penalty_ / 2);
}

at::Tensor OmicsPredictor::forward(const Batch& batch, const at::Tensor& pooled_BD) {
  at::Tensor y_BT;
  const auto add = [&y_BT](const at::Tensor& more_BT) {
    y_BT = y_BT.defined() ? y_BT + more_BT : more_BT;
  };
  if (deep_ != nullptr) add(deep_->forward(pooled_BD.defined() ? pooled_BD : embed(batch)));
  if (shallow_ != nullptr) add(shallow_->forward(batch));
  if (linear_ != nullptr) add(linear_->forward(batch));
  return y_BT;
}

}  // namespace cohesin
