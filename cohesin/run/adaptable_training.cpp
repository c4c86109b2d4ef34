#include "cohesin/run/adaptable_training.h"

#include "cohesin/nn/adapter.h"

namespace cohesin {

bool AdaptableTraining::is_adapter(const std::string& parameter_name) const {
  return is_adapter_parameter(parameter_name);
}

bool AdaptableTraining::decays(const std::string& parameter_name,
                               const at::Tensor& parameter) const {
  return parameter_name != "head.log_variance" && !is_adapter_scale(parameter_name) &&
         Trainable::decays(parameter_name, parameter);
}

}  // namespace cohesin
