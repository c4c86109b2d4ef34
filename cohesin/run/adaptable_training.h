#pragma once

#include <string>

#include "cohesin/train/trainable.h"

namespace cohesin {

// A training of a model that may have an adapter: its numbers are trained whatever is frozen, its
// factors, which start at one, have no weight decay, and neither have the weights of joint losses.
class AdaptableTraining : public Trainable {
 public:
  bool is_adapter(const std::string& parameter_name) const override;
  bool decays(const std::string& parameter_name, const at::Tensor& parameter) const override;
};

}  // namespace cohesin
