#include "cohesin/models/heads.h"

#include <torch/nn/module.h>

#include "cohesin/base/error.h"

namespace cohesin {

void MlpHeadConfig::visit(Fields& field) {
  field("hidden_sizes", hidden_sizes, "one hidden layer each");
  field("layer_norm", layer_norm, "once, before the output layer");
  field("dropout_rate", dropout_rate, "after the hidden layers, in training");
  field("final_layer_n_logits", final_layer_n_logits, "outputs");
  field("mlp_activation", mlp_activation, "selu");
  field("final_activation", final_activation, "identity");
}

void MlpHeadConfig::resolve() const {
  for (const int64_t size : hidden_sizes) check_at_least("hidden_sizes", size, 1);
  check_at_least("final_layer_n_logits", final_layer_n_logits, 1);
  if (dropout_rate < 0.0 || dropout_rate >= 1.0) {
    throw Error("dropout_rate: expected a number in [0, 1), got {}", dropout_rate);
  }
  if (mlp_activation != "selu") {
    throw Error("mlp_activation: expected 'selu', got '{}'", mlp_activation);
  }
  if (final_activation != "identity") {
    throw Error("final_activation: expected 'identity', got '{}'", final_activation);
  }
}

MlpHead::MlpHead(int64_t in_width, const MlpHeadConfig& config) : config_(config) {
  config_.resolve();
  int64_t width = in_width;
  for (const int64_t size : config_.hidden_sizes) {
    hidden_.push_back(register_module("mlp_" + std::to_string(hidden_.size()),
                                      std::make_shared<Linear>(width, size)));
    width = size;
  }
  if (config_.layer_norm) norm_ = register_module("norm", std::make_shared<LayerNorm>(width));
  output_ =
      register_module("output", std::make_shared<Linear>(width, config_.final_layer_n_logits));
}

at::Tensor MlpHead::forward(const at::Tensor& pooled_BD, NamedTensors* tapped) const {
  at::Tensor x_BD = pooled_BD;
  for (const auto& layer : hidden_) x_BD = at::selu(layer->forward(x_BD));
  if (tapped != nullptr) (*tapped)["mlp"] = x_BD;
  x_BD = at::dropout(x_BD, config_.dropout_rate, is_training());
  if (norm_) {
    x_BD = norm_->forward(x_BD);
    if (tapped != nullptr) (*tapped)["layer_norm"] = x_BD;
  }
  return output_->forward(x_BD);
}

at::Tensor mean_over_positions(const at::Tensor& x_BPD) { return x_BPD.mean(1); }

InitialisationRows head_initialisation() {
  return {{"(.*\\.)?norm\\.weight", Initialisation::ones},
          {".*\\.bias", Initialisation::zeros},
          {".*\\.weight", Initialisation::fan_in}};
}

WeightMap head_haiku_names(const std::string& prefix, const std::string& scope) {
  const std::string m = scope + "/~/";
  return {
      {prefix + "mlp_{i}.weight", m + "mlp/~/linear_{i}/w", "io->oi"},
      {prefix + "mlp_{i}.bias", m + "mlp/~/linear_{i}/b"},
      {prefix + "norm.weight", m + "layer_norm/scale"},
      {prefix + "norm.bias", m + "layer_norm/offset"},
      {prefix + "output.weight", m + "linear/w", "io->oi"},
      {prefix + "output.bias", m + "linear/b"},
  };
}

WeightMap ia3_haiku_names() {
  return {{"transformer.{i}.attention.key.output_scale", "ia3/layer_{i}/key"},
          {"transformer.{i}.attention.value.output_scale", "ia3/layer_{i}/value"},
          {"transformer.{i}.ffn_down.input_scale", "ia3/layer_{i}/ffn"}};
}

}  // namespace cohesin
