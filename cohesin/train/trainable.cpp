#include "cohesin/train/trainable.h"

namespace cohesin {

bool Trainable::decays(const std::string& parameter_name, const at::Tensor& parameter) const {
  return parameter.dim() >= 2 && parameter_name.find("embedding") == std::string::npos;
}

bool Trainable::is_head(const std::string& parameter_name) const {
  return parameter_name.rfind("head.", 0) == 0 || parameter_name == "head";
}

}  // namespace cohesin
