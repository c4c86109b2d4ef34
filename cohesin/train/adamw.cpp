#include "cohesin/train/adamw.h"

#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

const std::string kPrefix = "adamw.";

// The tensors of one parameter group, as the fused kernel takes them.
struct Group {
  std::vector<at::Tensor> parameters, gradients, means, squares, steps;
};

}  // namespace

AdamW::AdamW(Trainable& trainable, const TrainSettings& settings)
    : weight_decay_(settings.weight_decay),
      beta1_(settings.beta1),
      beta2_(settings.beta2),
      epsilon_(settings.epsilon) {
  for (const auto& item : trainable.module().named_parameters()) {
    if (!item.value().requires_grad()) continue;
    Slot slot;
    slot.name = item.key();
    slot.parameter = item.value();
    slot.decays = trainable.decays(item.key(), item.value());
    if (trainable.is_head(item.key())) {
      slot.learning_rate_factor = settings.head_learning_rate_factor;
    }
    slots_.push_back(std::move(slot));
  }
  if (slots_.empty()) {
    throw Error("nothing to train: all parameters are frozen and there is no head");
  }
}

void AdamW::clear_gradients() {
  for (auto& slot : slots_) slot.parameter.mutable_grad().reset();
}

std::vector<at::Tensor> AdamW::gradients() const {
  std::vector<at::Tensor> found;
  for (const auto& slot : slots_) {
    if (slot.parameter.grad().defined()) found.push_back(slot.parameter.grad());
  }
  return found;
}

void AdamW::scale_gradients(double factor) {
  const auto all = gradients();
  if (!all.empty()) at::_foreach_mul_(all, factor);
}

double AdamW::clip_gradients(double largest_norm) {
  constexpr double kTiny = 1e-6;  // as in torch.nn.utils.clip_grad_norm_
  const auto all = gradients();
  if (all.empty()) return 0;
  const double norm = at::stack(at::_foreach_norm(all)).norm().item<double>();
  if (largest_norm > 0 && std::isfinite(norm) && norm > largest_norm) {
    at::_foreach_mul_(all, largest_norm / (norm + kTiny));
  }
  return norm;
}

void AdamW::step(double learning_rate) {
  const at::NoGradGuard no_gradient;
  std::map<std::pair<bool, double>, Group> groups;
  for (auto& slot : slots_) {
    if (!slot.parameter.grad().defined()) continue;
    if (!slot.mean.defined()) {
      slot.mean = at::zeros_like(slot.parameter);
      slot.square = at::zeros_like(slot.parameter);
      slot.steps = at::zeros({}, slot.parameter.options().dtype(at::kFloat));
    }
    auto& group = groups[{slot.decays, slot.learning_rate_factor}];
    group.parameters.push_back(slot.parameter);
    group.gradients.push_back(slot.parameter.grad());
    group.means.push_back(slot.mean);
    group.squares.push_back(slot.square);
    group.steps.push_back(slot.steps.add_(1));
  }
  for (auto& [traits, group] : groups) {
    const auto [decays, factor] = traits;
    at::_fused_adamw_(group.parameters, group.gradients, group.means, group.squares,
                      /*max_exp_avg_sqs=*/{}, group.steps, learning_rate * factor, beta1_, beta2_,
                      decays ? weight_decay_ : 0.0, epsilon_, /*amsgrad=*/false,
                      /*maximize=*/false);
  }
}

int64_t AdamW::num_trained() const {
  int64_t number = 0;
  for (const auto& slot : slots_) number += slot.parameter.numel();
  return number;
}

NamedTensors AdamW::state() const {
  NamedTensors state;
  for (const auto& slot : slots_) {
    if (!slot.mean.defined()) continue;
    state[kPrefix + "mean." + slot.name] = slot.mean;
    state[kPrefix + "square." + slot.name] = slot.square;
    state[kPrefix + "steps." + slot.name] = slot.steps;
  }
  return state;
}

void AdamW::load_state(const NamedTensors& state) {
  std::map<std::string, at::Tensor*> places;
  for (auto& slot : slots_) {
    places[kPrefix + "mean." + slot.name] = &slot.mean;
    places[kPrefix + "square." + slot.name] = &slot.square;
    places[kPrefix + "steps." + slot.name] = &slot.steps;
  }
  for (const auto& [name, tensor] : state) {
    if (name.rfind(kPrefix, 0) != 0) continue;
    const auto place = places.find(name);
    if (place == places.end()) {
      throw Error("the optimizer's state has '{}', which is not trained here", name);
    }
    *place->second = tensor.clone();
  }
  for (auto& slot : slots_) {
    const bool whole = slot.mean.defined() && slot.square.defined() && slot.steps.defined();
    const bool absent = !slot.mean.defined() && !slot.square.defined() && !slot.steps.defined();
    if (absent) continue;
    if (!whole || slot.mean.sizes() != slot.parameter.sizes() ||
        slot.square.sizes() != slot.parameter.sizes() || slot.steps.numel() != 1) {
      throw Error("the optimizer's state of '{}' does not fit the parameter", slot.name);
    }
    for (at::Tensor* part : {&slot.mean, &slot.square, &slot.steps}) {
      *part = part->to(slot.parameter.device());
    }
  }
}

}  // namespace cohesin
