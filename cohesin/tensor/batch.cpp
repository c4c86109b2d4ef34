#include "cohesin/tensor/batch.h"

#include "cohesin/base/error.h"

namespace cohesin {

const at::Tensor& Batch::at(const std::string& name) const {
  if (const auto found = tensors.find(name); found != tensors.end()) return found->second;
  std::string list;
  for (const auto& [key, tensor] : tensors) list += (list.empty() ? "" : ", ") + key;
  throw Error("the batch has no tensor '{}'; it has: {}", name, list.empty() ? "none" : list);
}

}  // namespace cohesin
