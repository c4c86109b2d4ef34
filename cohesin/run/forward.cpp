#include "cohesin/run/forward.h"

#include <torch/nn/module.h>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/run/model_checkpoint.h"
#include "cohesin/tensor/tensor_file.h"

namespace cohesin {
namespace {

// The tensors in.* of a file, integers as int64, on the device.
Batch read_batch(const Model& model, const std::filesystem::path& path,
                 const torch::Device& device) {
  Batch batch;
  for (const auto& [name, tensor] : read_tensors(path)) {
    if (name.compare(0, 3, "in.") != 0) continue;
    const std::string input = name.substr(3);
    const bool is_integer = at::isIntegralType(tensor.scalar_type(), /*includeBool=*/false);
    const bool is_label = name.find("labels") != std::string::npos;
    const int64_t lowest = model.lowest_id(input);
    if (is_integer && !is_label && tensor.numel() != 0 && tensor.min().item<int64_t>() < lowest) {
      throw Error("{}: '{}' has negative ids{}", path.string(), name,
                  lowest < 0 ? fmt::format(" below {}", lowest) : "");
    }
    batch.tensors[input] = (is_integer ? tensor.to(at::kLong) : tensor).to(device);
  }
  if (batch.tensors.empty()) {
    throw Error("{}: no tensor 'in.NAME'; a batch holds the model's inputs under such names",
                path.string());
  }
  return batch;
}

bool is_omics_model(const Model& model) {
  return dynamic_cast<const OmicsModel*>(&model) != nullptr;
}

// Throws unless the batch has what the model reads, in a form that it can read.
void check_batch(const Model& model, const Batch& batch, const std::filesystem::path& path) {
  const auto* omics_model = dynamic_cast<const OmicsModel*>(&model);
  if (omics_model == nullptr) return;
  for (const auto& omic : omics_model->omics()) {
    const bool continuous = omics_model->continuous(omic);
    const std::string key = omics_model->input_key(omic, continuous ? "values" : "tokens");
    if (!batch.has(key)) {
      std::string list;
      for (const auto& [name, tensor] : batch.tensors) list += " in." + name;
      throw Error("{}: no tensor 'in.{}', which the model needs; it has:{}", path.string(), key,
                  list);
    }
    if (at::isFloatingType(batch.at(key).scalar_type()) != continuous) {
      throw Error("{}: 'in.{}' must hold {}", path.string(), key,
                  continuous ? "floating-point values" : "integer ids");
    }
  }
}

// The model's outputs and, with a head, what the head makes of their mean.
NamedTensors all_outputs(ModelCheckpoint& checkpoint, const Batch& batch) {
  NamedTensors outputs = checkpoint.model->forward(batch, Wanted::everything()).tensors;
  if (!checkpoint.head) return outputs;
  const std::string name = dynamic_cast<OmicsModel&>(*checkpoint.model).embedding_name();
  if (outputs.count(name) == 0) {
    outputs[name] = checkpoint.model->forward(batch, {name}).at(name);
  }
  outputs["mean_embedding"] = mean_over_positions(outputs.at(name));
  outputs["logits"] = checkpoint.head->forward(outputs.at("mean_embedding"), &outputs);
  return outputs;
}

// With a head and class labels the head's cross-entropy, else the model's own reference loss.
ReferenceLoss reference_loss(ModelCheckpoint& checkpoint, const Batch& batch) {
  if (!checkpoint.head || !batch.has("labels")) return checkpoint.model->reference_loss(batch);
  const std::string name = dynamic_cast<OmicsModel&>(*checkpoint.model).embedding_name();
  const at::Tensor embedding = checkpoint.model->forward(batch, {name}).at(name);
  const at::Tensor logits = checkpoint.head->forward(mean_over_positions(embedding));
  return {{{"loss", at::cross_entropy_loss(logits, batch.at("labels"))}}, {}};
}

NamedTensors under_their_names(const ModelCheckpoint& checkpoint, const NamedTensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  const WeightMap map = checkpoint.names(checkpoint.entry->weight_names.front().first);
  return export_weights(bind_weights(map, names), tensors);
}

void add_loss_and_gradients(ModelCheckpoint& checkpoint, const Batch& batch, NamedTensors& result,
                            const std::filesystem::path& path) {
  const ReferenceLoss reference = reference_loss(checkpoint, batch);
  if (reference.losses.empty() && !is_omics_model(*checkpoint.model)) {
    log_warning("{}: no loss and no gradients, for it has no target beside the inputs",
                path.string());
    return;
  }
  if (reference.losses.empty()) {
    throw Error(
        "{}: --loss needs labels beside the inputs (in.mlm_labels or in.OMIC.mlm_labels "
        "with the masked tokens, or in.labels for a head)",
        path.string());
  }
  at::Tensor total;
  for (const auto& [name, loss] : reference.losses) {
    result["out." + name] = loss.reshape({1});
    total = total.defined() ? total + loss : loss;
  }
  total.backward();
  const auto gradient = [](const at::Tensor& leaf) {
    return leaf.grad().defined() ? leaf.grad() : at::zeros_like(leaf);
  };
  NamedTensors gradients;
  for (const auto& [name, parameter] : checkpoint.parameters())
    gradients[name] = gradient(parameter);
  for (const auto& [name, value] : under_their_names(checkpoint, gradients))
    result["grad." + name] = value;
  for (const auto& [name, value] : under_their_names(checkpoint, reference.after))
    result["out.after." + name] = value;
  for (const auto& [name, leaf] : reference.inputs) result["grad." + name] = gradient(leaf);
}

}  // namespace

void forward_batch(const ForwardOptions& options) {
  require_absent_or_force(options.out, options.force);
  ModelCheckpoint checkpoint = load_model_checkpoint(options.checkpoint);
  const torch::Device device(options.device);
  checkpoint.model->to(device);
  if (checkpoint.head) checkpoint.head->to(device);
  const Batch batch = read_batch(*checkpoint.model, options.batch, device);
  check_batch(*checkpoint.model, batch, options.batch);
  NamedTensors result;
  {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, value] : all_outputs(checkpoint, batch)) {
      result["out." + name] = value.to(at::kFloat);
    }
  }
  if (options.loss) add_loss_and_gradients(checkpoint, batch, result, options.batch);
  write_tensors(options.out, result);
}

}  // namespace cohesin
