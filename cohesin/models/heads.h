#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/models/weight_map.h"
#include "cohesin/nn/layers.h"

namespace cohesin {

// The head of the authors' downstream tasks, classification and survival alike
// (multiomics-open-research, doi:10.1101/2024.06.18.599483): a layer of SELU for each hidden size,
// dropout, layer norm once, a linear output. The authors' keys; hidden_sizes as published for five
// cohorts.
struct MlpHeadConfig {
  std::vector<int64_t> hidden_sizes{256, 128};
  bool layer_norm = false;
  double dropout_rate = 0.0;
  int64_t final_layer_n_logits = 5;
  std::string mlp_activation = "selu";
  std::string final_activation = "identity";

  void visit(Fields& field);
  void resolve() const;  // throws Error naming the key
};

class MlpHead : public torch::nn::Module {
 public:
  MlpHead(int64_t in_width, const MlpHeadConfig& config);
  // [B,D] -> [B,logits]. With `tapped` also gives "mlp" and, with a norm, "layer_norm" [B,hidden].
  at::Tensor forward(const at::Tensor& pooled_BD, NamedTensors* tapped = nullptr) const;
  const MlpHeadConfig& config() const { return config_; }

 private:
  MlpHeadConfig config_;
  std::vector<std::shared_ptr<Linear>> hidden_;
  std::shared_ptr<LayerNorm> norm_;
  std::shared_ptr<Linear> output_;
};

// The sample embedding: the mean over all positions, pads included. [B,P,D] -> [B,D].
at::Tensor mean_over_positions(const at::Tensor& x_BPD);

InitialisationRows head_initialisation();

// The authors' JAX names of a head under `scope` ("classification_head"); ours begin with `prefix`.
WeightMap head_haiku_names(const std::string& prefix, const std::string& scope);

// Names of IA3 factors beside the authors' JAX names: "ia3/layer_{i}/key". (The authors published
// no IA3 weights of these models; the names are ours.)
WeightMap ia3_haiku_names();

}  // namespace cohesin
