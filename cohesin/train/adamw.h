#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "cohesin/tensor/batch.h"
#include "cohesin/train/train_settings.h"
#include "cohesin/train/trainable.h"

namespace cohesin {

// AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101): Adam with decoupled weight decay. Its state
// goes to a checkpoint and back bit for bit.
class AdamW {
 public:
  // Takes the module's parameters that require a gradient. Throws Error when there are none.
  AdamW(Trainable& trainable, const TrainSettings& settings);

  void clear_gradients();
  // All gradients times `factor`.
  void scale_gradients(double factor);
  // The norm of all gradients together, before they are scaled down to `largest_norm` at most
  // (0 = no limit). Nothing is scaled when the norm is not finite.
  double clip_gradients(double largest_norm);
  // One update. A parameter without gradient is left as it is.
  void step(double learning_rate);

  int64_t num_trained() const;  // parameters (numbers, not tensors)

  // Moments by parameter: "adamw.mean.NAME", "adamw.square.NAME", "adamw.steps.NAME"; a parameter
  // that was never updated has none.
  NamedTensors state() const;
  // Throws Error when `state` has moments of other parameters or shapes.
  void load_state(const NamedTensors& state);

 private:
  struct Slot {
    std::string name;
    at::Tensor parameter;
    at::Tensor mean, square, steps;  // undefined until the first update
    bool decays = true;
    double learning_rate_factor = 1;
  };
  std::vector<at::Tensor> gradients() const;

  std::vector<Slot> slots_;
  double weight_decay_, beta1_, beta2_, epsilon_;
};

}  // namespace cohesin
