#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace cohesin {

// The elements of a tensor on any device, row-major, in double.
std::vector<double> to_doubles(const at::Tensor& values);

}  // namespace cohesin
