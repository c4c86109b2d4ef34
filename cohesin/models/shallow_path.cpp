#include "cohesin/models/shallow_path.h"

#include <torch/nn/module.h>

namespace cohesin {

ShallowPath::ShallowPath(const std::vector<std::pair<std::string, int64_t>>& num_features,
                         int64_t hidden_size, int64_t num_outputs, const ShallowDropout& dropout)
    : dropout_(dropout) {
  for (const auto& [omic, count] : num_features)
    inputs_.emplace_back(
        omic, register_module("input_" + omic, std::make_shared<Linear>(count, hidden_size)));
  const int64_t joined = static_cast<int64_t>(inputs_.size()) * hidden_size;
  output_ = register_module("output", std::make_shared<Linear>(joined, num_outputs));
}

at::Tensor ShallowPath::hidden(const Batch& batch, bool with_dropout) {
  std::vector<at::Tensor> hidden;
  for (const auto& [omic, input] : inputs_) {
    const at::Tensor x_BF =
        at::dropout(batch.at(omic + ".features"), dropout_.input, is_training());
    const at::Tensor h_BH =
        at::dropout(at::relu(input->forward(x_BF)), dropout_.hidden, with_dropout && is_training());
    hidden.push_back(h_BH * batch.at(omic + ".present").unsqueeze(1));
  }
  return at::cat(hidden, 1);
}

at::Tensor ShallowPath::forward(const Batch& batch) {
  return output_->forward(hidden(batch, /*with_dropout=*/true));
}

LinearPath::LinearPath(const std::vector<std::pair<std::string, int64_t>>& num_features,
                       int64_t num_outputs) {
  for (const auto& [omic, count] : num_features)
    weights_.emplace_back(omic,
                          register_parameter("weight_" + omic, at::zeros({num_outputs, count})));
  bias_T_ = register_parameter("bias", at::zeros({num_outputs}));
}

at::Tensor LinearPath::forward(const Batch& batch) {
  at::Tensor y_BT = bias_T_;
  for (const auto& [omic, weight_TF] : weights_)
    y_BT = y_BT + batch.at(omic + ".features").matmul(weight_TF.t()) *
                      batch.at(omic + ".present").unsqueeze(1);
  return y_BT;
}

at::Tensor LinearPath::squared_weights() const {
  at::Tensor sum = at::zeros({});
  for (const auto& [omic, weight_TF] : weights_) sum = sum + weight_TF.square().sum();
  return sum;
}

}  // namespace cohesin
