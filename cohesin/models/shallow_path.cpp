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

at::Tensor ShallowPath::forward(const Batch& batch) {
  std::vector<at::Tensor> hidden;
  for (const auto& [omic, input] : inputs_) {
    const at::Tensor x_BF =
        at::dropout(batch.at(omic + ".features"), dropout_.input, is_training());
    const at::Tensor h_BH =
        at::dropout(at::relu(input->forward(x_BF)), dropout_.hidden, is_training());
    hidden.push_back(h_BH * batch.at(omic + ".present").unsqueeze(1));
  }
  return output_->forward(at::cat(hidden, 1));
}

}  // namespace cohesin
