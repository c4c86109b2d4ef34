#include "cohesin/train/training_state.h"

#include <ATen/ops/scalar_tensor.h>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"

namespace cohesin {
namespace {

const std::string kPrefix = "training.";
const std::string kMetricPrefix = "training.best_metric.";

at::Tensor whole_number(int64_t value) {
  return at::scalar_tensor(value, at::TensorOptions().dtype(at::kLong));
}
at::Tensor real_number(double value) {
  return at::scalar_tensor(value, at::TensorOptions().dtype(at::kDouble));
}

const at::Tensor& number(const NamedTensors& tensors, const std::string& name,
                         at::ScalarType type) {
  const auto found = tensors.find(kPrefix + name);
  if (found == tensors.end() || found->second.numel() != 1 || found->second.scalar_type() != type) {
    throw Error("the state of the training lacks the number '{}{}'", kPrefix, name);
  }
  return found->second;
}

}  // namespace

NamedTensors TrainingState::to_tensors() const {
  NamedTensors tensors = {
      {kPrefix + "step", whole_number(step)},
      {kPrefix + "epoch", whole_number(epoch)},
      {kPrefix + "batch", whole_number(batch)},
      {kPrefix + "loss_sum", real_number(loss_sum)},
      {kPrefix + "loss_weight", real_number(loss_weight)},
      {kPrefix + "best_step", whole_number(best_step)},
      {kPrefix + "epochs_without_improvement", whole_number(epochs_without_improvement)}};
  if (best) {
    tensors[kPrefix + "best_score"] = real_number(best->score);
    for (const auto& [name, value] : best->metrics) {
      tensors[kMetricPrefix + name] = real_number(value);
    }
  }
  return tensors;
}

TrainingState TrainingState::from_tensors(const NamedTensors& tensors) {
  const auto whole = [&](const char* name) {
    return number(tensors, name, at::kLong).item<int64_t>();
  };
  const auto real = [&](const char* name) {
    return number(tensors, name, at::kDouble).item<double>();
  };
  TrainingState state;
  state.step = whole("step");
  state.epoch = whole("epoch");
  state.batch = whole("batch");
  state.loss_sum = real("loss_sum");
  state.loss_weight = real("loss_weight");
  state.best_step = whole("best_step");
  state.epochs_without_improvement = whole("epochs_without_improvement");
  if (tensors.count(kPrefix + "best_score") == 0) return state;
  state.best = Validation{.score = real("best_score"), .metrics = {}};
  for (const auto& [name, tensor] : tensors) {
    if (name.rfind(kMetricPrefix, 0) != 0) continue;
    state.best->metrics[name.substr(kMetricPrefix.size())] = tensor.item<double>();
  }
  return state;
}

at::Tensor samples_digest(const std::vector<std::string>& sample_names) {
  std::string all;
  for (const auto& name : sample_names) all += name + '\n';
  return whole_number(static_cast<int64_t>(stable_hash(all)));
}

}  // namespace cohesin
