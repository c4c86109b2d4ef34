#include "cohesin/tensor/plain_values.h"

namespace cohesin {

std::vector<double> to_doubles(const at::Tensor& values) {
  const at::Tensor plain = values.detach().to(at::kCPU, at::kDouble).contiguous();
  const double* begin = plain.const_data_ptr<double>();
  return {begin, begin + plain.numel()};
}

}  // namespace cohesin
