#include "cohesin/nn/window_product.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace cohesin {

bool prefers_windows(int64_t in_width, int64_t out_width) {
  constexpr int64_t kFewestChannels = 96;
  return !at::GradMode::is_enabled() && std::min(in_width, out_width) >= kFewestChannels;
}

at::Tensor window_product(const at::Tensor& x_BLC, int64_t width, int64_t before,
                          const at::Tensor& weight, const at::Tensor& bias) {
  const int64_t length = x_BLC.size(1), channels = x_BLC.size(2);
  const at::Tensor x = weight.scalar_type() == at::kBFloat16 ? x_BLC.to(at::kBFloat16) : x_BLC;
  const at::Tensor padded = at::constant_pad_nd(x, {0, 0, before, width - 1 - before});
  constexpr int64_t kPieceElements = int64_t{1} << 22;  // 16 MB of floats
  const int64_t step = std::max<int64_t>(1, kPieceElements / (x_BLC.size(0) * width * channels));
  std::vector<at::Tensor> pieces;
  for (int64_t begin = 0; begin < length; begin += step) {
    const int64_t count = std::min(step, length - begin);
    std::vector<at::Tensor> windows;
    for (int64_t k = 0; k < width; ++k) windows.push_back(padded.narrow(1, begin + k, count));
    pieces.push_back(at::linear(at::cat(windows, 2), weight, bias));
  }
  return pieces.size() == 1 ? pieces.front() : at::cat(pieces, 1);
}

at::Tensor conv1d_by_windows(const at::Tensor& x_BLC, const at::Tensor& weight,
                             const at::Tensor& bias) {
  const int64_t width = weight.size(2);
  return window_product(x_BLC, width, (width - 1) / 2, weight.transpose(1, 2).flatten(1), bias);
}

at::Tensor deconv_by_windows(const at::Tensor& x_BLC, const at::Tensor& weight,
                             const at::Tensor& bias) {
  const auto tap = [&weight](int64_t k) { return weight.select(2, k).transpose(0, 1); };
  const at::Tensor even = at::cat({tap(3), tap(1), at::zeros_like(tap(0))}, 1);
  const at::Tensor odd = at::cat({tap(4), tap(2), tap(0)}, 1);
  return window_product(x_BLC, 3, 1, at::cat({even, odd}), at::cat({bias, bias}))
      .reshape({x_BLC.size(0), 2 * x_BLC.size(1), bias.size(0)});
}

}  // namespace cohesin
