#include "cohesin/tasks/omics_predictor.h"

#include <torch/nn/module.h>

#include "cohesin/base/error.h"
#include "cohesin/models/initialise.h"
#include "cohesin/tasks/model_inputs.h"

namespace cohesin {

OmicsPredictor::OmicsPredictor(std::shared_ptr<OmicsModel> model, const TaskConfig& task,
                               const std::vector<std::pair<std::string, int64_t>>& num_features,
                               uint64_t seed)
    : model_(std::move(model)) {
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
  if (deep_ == nullptr && shallow_ == nullptr)
    throw Error("task: deep_path and shallow_path are both off; nothing would be learnt");
  initialise(*head_,
             {{".*bias", Initialisation::zeros},
              {".*norm.*weight", Initialisation::ones},
              {".*weight", Initialisation::fan_in}},
             seed);
}

at::Tensor OmicsPredictor::embed(const Batch& batch) {
  const std::string name = model_->embedding_name();
  return mean_over_positions(model_->forward(rename_inputs(*model_, batch), {name}).at(name));
}

at::Tensor OmicsPredictor::forward(const Batch& batch, const at::Tensor& pooled_BD) {
  at::Tensor y_BT;
  if (deep_ != nullptr) y_BT = deep_->forward(pooled_BD.defined() ? pooled_BD : embed(batch));
  if (shallow_ != nullptr) {
    const at::Tensor shallow_BT = shallow_->forward(batch);
    y_BT = y_BT.defined() ? y_BT + shallow_BT : shallow_BT;
  }
  return y_BT;
}

}  // namespace cohesin
