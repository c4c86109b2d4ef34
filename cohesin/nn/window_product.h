#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cohesin {

// Convolutions as matrix products over windows in the layout [B,L,C]: no transposition, and the
// matrix kernels (bfloat16 above all) are better than those of convolutions with many channels. The
// windows are a copy `width` times as large as the input, made a piece of the positions at a time;
// a backward pass keeps them.

// Whether a convolution should go this way: no gradient is asked for, and it has channels enough.
bool prefers_windows(int64_t in_width, int64_t out_width);

// y[b,l] = weight x[b, l - before .. l - before + width - 1] + bias, zeros beyond the ends:
// x [B,L,C], weight [out, width * C] (position by position), bias [out] -> [B,L,out].
at::Tensor window_product(const at::Tensor& x_BLC, int64_t width, int64_t before,
                          const at::Tensor& weight, const at::Tensor& bias);

// at::conv1d with stride 1 and SAME padding; weight [out,in,k], k odd.
at::Tensor conv1d_by_windows(const at::Tensor& x_BLC, const at::Tensor& weight,
                             const at::Tensor& bias);

// Transposed convolution of kernel 5 and stride 2, aligned as Haiku's SAME padding, which pads the
// stretched input by (3, 2): [B,L,in] -> [B,2L,out]. `weight` [in,out,5] is Haiku's with the taps
// reversed. It is at::conv_transpose1d with padding 1, whose first 2L positions count;
// even and odd outputs are two rows of one product over windows of 3. weight [in,out,5]. The only
// way here: libtorch 2.11's own on CPU gives wrong float32 numbers with some shapes and two
// threads.
at::Tensor deconv_by_windows(const at::Tensor& x_BLC, const at::Tensor& weight,
                             const at::Tensor& bias);

}  // namespace cohesin
