#include "cohesin/tensor/batch.h"

#include "cohesin/base/error.h"
#include "cohesin/io/dtype.h"

namespace cohesin {

std::vector<std::string> tensor_names(const NamedTensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

std::string shape_text(const at::Tensor& tensor) { return shape_text(tensor.sizes().vec()); }

const at::Tensor& Batch::at(const std::string& name) const {
  if (const auto found = tensors.find(name); found != tensors.end()) return found->second;
  std::string list;
  for (const auto& [key, tensor] : tensors) list += (list.empty() ? "" : ", ") + key;
  throw Error("the batch has no tensor '{}'; it has: {}", name, list.empty() ? "none" : list);
}

}  // namespace cohesin
