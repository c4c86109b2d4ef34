#include "cohesin/models/omics_heads.h"

#include <torch/nn/module.h>

#include "cohesin/base/error.h"

namespace cohesin {

void OmicsHeadsConfig::visit(Fields& field) {
  field("classification", classification);
  field("survival", survival);
  field("embed_dim", embed_dim, "width of the embeddings");
}

void OmicsHeadsConfig::resolve() {
  classification.resolve();
  survival.resolve();
  check_at_least("embed_dim", embed_dim, 1);
}

void OmicsHeadsConfig::infer(const TensorShapes& foreign) {
  const std::string first = classification.hidden_sizes.empty() ? "linear/w" : "mlp/~/linear_0/w";
  const auto found = foreign.find("classification_head/~/" + first);
  if (found != foreign.end() && found->second.size() == 2) embed_dim = found->second[0];
}

OmicsHeads::OmicsHeads(const OmicsHeadsConfig& config) : config_(config) {
  config_.resolve();
  classification_ = register_module(
      "classification", std::make_shared<MlpHead>(config_.embed_dim, config_.classification));
  survival_ =
      register_module("survival", std::make_shared<MlpHead>(config_.embed_dim, config_.survival));
}

Outputs OmicsHeads::forward(const Batch& batch, const Wanted& wanted) {
  const at::Tensor& x_BPD = batch.at("embeddings");
  if (x_BPD.dim() != 3 || x_BPD.size(2) != config_.embed_dim) {
    throw Error("'embeddings' must be [samples,positions,{}]", config_.embed_dim);
  }
  Outputs out;
  for (const auto& [name, head] :
       {std::pair{"classification", classification_}, std::pair{"survival", survival_}}) {
    NamedTensors values;
    values["mean_embedding"] = mean_over_positions(x_BPD);
    values["logits"] = head->forward(values["mean_embedding"], &values);
    for (const auto& [key, value] : values) {
      const std::string output = std::string(name) + "." + key;
      if (wanted(output)) out.tensors[output] = value;
    }
  }
  return out;
}

ReferenceLoss OmicsHeads::reference_loss(const Batch& batch) {
  ReferenceLoss result;
  for (const std::string name : {"classification", "survival"}) {
    const std::string target = name == "survival" ? "survival.cotangent" : "classification.labels";
    if (!batch.has(target)) continue;
    const at::Tensor embeddings = batch.at("embeddings").detach().clone().requires_grad_();
    const Outputs out = forward({{{"embeddings", embeddings}}}, {name + ".logits"});
    const at::Tensor& logits = out.at(name + ".logits");
    result.losses[name + ".loss"] = name == "survival"
                                        ? (logits * batch.at(target)).sum()
                                        : at::cross_entropy_loss(logits, batch.at(target));
    result.inputs[name + ".in.embeddings"] = embeddings;
  }
  return result;
}

WeightMap omics_heads_haiku_names() {
  WeightMap map = head_haiku_names("classification.", "classification_head");
  for (const auto& row : head_haiku_names("survival.", "survival_head")) map.push_back(row);
  return map;
}

}  // namespace cohesin
