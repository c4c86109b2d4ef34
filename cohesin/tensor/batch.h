#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace cohesin {

// Named tensors in the order of their names: a batch going into a model, or a file's content.
using NamedTensors = std::map<std::string, at::Tensor>;

std::vector<std::string> tensor_names(const NamedTensors& tensors);
std::string shape_text(const at::Tensor& tensor);  // "[2, 3]"
std::string shape_text(const std::vector<int64_t>& shape);

// What a model is given: named tensors. Names follow the authors' ("rnaseq.tokens", "tokens").
struct Batch {
  NamedTensors tensors;

  bool has(const std::string& name) const { return tensors.count(name) != 0; }
  const at::Tensor& at(const std::string& name) const;  // throws Error naming what is there
};

}  // namespace cohesin
