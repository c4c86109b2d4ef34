#include "cohesin/tasks/sequence_predictor.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <iterator>
#include <string>
#include <utility>

#include "cohesin/models/initialise.h"

namespace cohesin {

SequencePredictor::SequencePredictor(std::shared_ptr<SequenceModel> model, const TaskConfig& task,
                                     uint64_t seed)
    : model_(std::move(model)), per_letter_(task.per_letter), cls_(task.pool == "cls") {
  // Under its own names, so that its weights fit both.
  for (const auto& child : model_->named_children()) register_module(child.key(), child.value());
  for (const auto& own : model_->named_parameters(/*recurse=*/false))
    register_parameter(own.key(), own.value(), own.value().requires_grad());
  for (const auto& own : model_->named_buffers(/*recurse=*/false))
    register_buffer(own.key(), own.value());
  MlpHeadConfig config;
  config.hidden_sizes = task.hidden_sizes;
  config.layer_norm = task.layer_norm;
  config.dropout_rate = task.dropout;
  config.final_layer_n_logits = task.num_outputs();
  const auto head = register_module("head", std::make_shared<torch::nn::Module>());
  head_ = head->register_module("deep", std::make_shared<MlpHead>(model_->embedding_dim(), config));
  if (task.name == "joint" && task.weighting == "uncertainty")
    log_variance_ = head->register_parameter("log_variance", at::zeros({std::ssize(task.kinds)}));
  InitialisationRows rows = head_initialisation();
  rows.push_back({"log_variance", Initialisation::zeros});
  initialise(*head, rows, seed);
}

at::Tensor SequencePredictor::embed(const Batch& batch) {
  const std::string name = "hidden_states." + std::to_string(model_->num_layers());
  const at::Tensor x_ND = model_->forward(batch, {name}).at(name).to(at::kFloat);
  if (cls_ && !per_letter_) {
    const at::Tensor& lengths_B = batch.at("lengths");
    return x_ND.index_select(0, lengths_B.cumsum(0) - lengths_B);
  }
  const at::Tensor x_MD = x_ND.index_select(0, batch.at("letter_rows"));
  if (per_letter_) return x_MD;
  const at::Tensor& of_M = batch.at("letters_of");
  const int64_t count = batch.at("lengths").size(0);
  const at::Tensor letters_B = at::zeros({count}, x_MD.options())
                                   .index_add(0, of_M, at::ones({of_M.size(0)}, x_MD.options()));
  return at::zeros({count, x_MD.size(1)}, x_MD.options()).index_add(0, of_M, x_MD) /
         letters_B.unsqueeze(1);
}

at::Tensor SequencePredictor::head(const at::Tensor& embedded_BD) {
  return head_->forward(embedded_BD);
}

at::Tensor SequencePredictor::forward(const Batch& batch) { return head(embed(batch)); }

}  // namespace cohesin
