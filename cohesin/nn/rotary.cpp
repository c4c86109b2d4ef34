#include "cohesin/nn/rotary.h"

#include <ATen/ATen.h>

namespace cohesin {

at::Tensor rotary_frequencies(int64_t key_size, double base) {
  const at::Tensor exponent = at::arange(0, key_size, 2, at::kFloat) / double(key_size);
  return at::reciprocal(at::pow(base, exponent));
}

RotaryTable rotary_table(const at::Tensor& positions, const at::Tensor& frequencies) {
  const at::Tensor angle = at::outer(positions.to(frequencies.scalar_type()), frequencies);
  return {at::cos(angle), at::sin(angle)};
}

at::Tensor rotate(const at::Tensor& x_LK, const RotaryTable& table) {
  const int64_t half = x_LK.size(-1) / 2;
  const at::Tensor cos = table.cos.to(x_LK.scalar_type()), sin = table.sin.to(x_LK.scalar_type());
  const at::Tensor first = x_LK.narrow(-1, 0, half), second = x_LK.narrow(-1, half, half);
  return at::cat({first * cos - second * sin, second * cos + first * sin}, -1);
}

at::Tensor apply_rotary(const at::Tensor& x_LK) {
  const int64_t half = x_LK.size(-1) / 2;
  const auto in_double = at::TensorOptions().dtype(at::kDouble).device(x_LK.device());
  const at::Tensor frequencies = at::pow(10000.0, at::arange(half, in_double) / -double(half));
  return rotate(x_LK, rotary_table(at::arange(x_LK.size(-2), in_double), frequencies));
}

}  // namespace cohesin
