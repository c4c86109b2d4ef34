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
                       int64_t num_outputs, bool alone) {
  for (const auto& [omic, count] : num_features) {
    weights_.emplace_back(omic,
                          register_parameter("weight_" + omic, at::zeros({num_outputs, count})));
    if (alone)
      alone_.push_back({register_parameter("alone_weight_" + omic, at::zeros({num_outputs, count})),
                        register_parameter("alone_bias_" + omic, at::zeros({num_outputs}))});
  }
  bias_T_ = register_parameter("bias", at::zeros({num_outputs}));
}

at::Tensor LinearPath::forward(const Batch& batch) {
  at::Tensor y_BT = bias_T_, alone_BT, num_present_B1;
  const auto add = [](at::Tensor& sum, const at::Tensor& more) {
    sum = sum.defined() ? sum + more : more;
  };
  for (size_t m = 0; m < weights_.size(); ++m) {
    const auto& [omic, weight_TF] = weights_[m];
    const at::Tensor& x_BF = batch.at(omic + ".features");
    const at::Tensor present_B1 = batch.at(omic + ".present").unsqueeze(1);
    y_BT = y_BT + x_BF.matmul(weight_TF.t()) * present_B1;
    if (alone_.empty()) continue;
    add(num_present_B1, present_B1);
    add(alone_BT, (x_BF.matmul(alone_[m].weight_TF.t()) + alone_[m].bias_T) * present_B1);
  }
  return alone_.empty() ? y_BT : at::where(num_present_B1 == 1, alone_BT, y_BT);
}

at::Tensor LinearPath::squared_weights() const {
  at::Tensor sum = at::zeros({});
  for (const auto& [omic, weight_TF] : weights_) sum = sum + weight_TF.square().sum();
  for (const auto& alone : alone_) sum = sum + alone.weight_TF.square().sum();
  return sum;
}

}  // namespace cohesin
