#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <string>

namespace cohesin {

// The parameters of these layers start at zero (norms at one): initialise() or a load fills them,
// so that no number depends on torch's global generator.

// An update of low rank beside a weight: factor * B A, B [out,rank] zero at first, A [rank,in].
struct LowRank {
  int64_t rank = 1;
  double factor = 1;
  double dropout = 0;  // on the update's input, in training
};

// A layer whose work is a matrix product with its own parameters. use_bfloat16() rounds these; the
// product is then made, and given, in bfloat16.
class ProductLayer : public torch::nn::Module {
 public:
  void use_bfloat16();
};

// y = x W^T + b over the last axis, in the dtype of W; an adapter may put learned factors on x and
// y, or an update of low rank beside W.
class Linear : public ProductLayer {
 public:
  Linear(int64_t in_width, int64_t out_width, bool with_bias = true);
  at::Tensor forward(const at::Tensor& x) const;
  // Register factors of this shape, all ones; its numbers are those of the input or output width.
  void add_input_scale(at::IntArrayRef shape);
  void add_output_scale(at::IntArrayRef shape);
  // Registers lora_a, lora_b, both zero, and returns lora_a.
  at::Tensor add_low_rank(const LowRank& low_rank);

  at::Tensor weight;  // [out,in]
  at::Tensor bias;    // [out]; undefined without bias

 private:
  // Undefined without adapter.
  at::Tensor input_scale_, output_scale_, lora_a_, lora_b_;
  LowRank low_rank_;
};

// Does so with every such layer and leaves all else in float32: norms and the sums of a residual
// stream lose nothing. For inference.
void use_bfloat16_products(torch::nn::Module& module);

// Layer norm over the last axis with scale and offset; biased variance.
class LayerNorm : public torch::nn::Module {
 public:
  explicit LayerNorm(int64_t width, double eps = 1e-5);
  at::Tensor forward(const at::Tensor& x) const;

  at::Tensor weight, bias;  // [width]

 private:
  double eps_;
};

// A table of one row a token. Ids at or above the number of rows read the last row and their
// gradient is dropped: JAX does both, and the published BulkRNABert relies on it (it has no row for
// <mask>). The first call that meets such ids says so, with their number.
class Embedding : public torch::nn::Module {
 public:
  Embedding(int64_t num_rows, int64_t width);
  at::Tensor forward(const at::Tensor& ids);  // int64 [...] -> [...,width]

  at::Tensor weight;  // [num_rows,width]

 private:
  bool warned_ = false;
};

// Conv1D with stride 1 and SAME padding over [B,L,in] -> [B,L,out]; odd kernels.
class Conv1d : public ProductLayer {
 public:
  Conv1d(int64_t in_width, int64_t out_width, int64_t kernel_size);
  at::Tensor forward(const at::Tensor& x_BLD) const;

  at::Tensor weight;  // [out,in,k]
  at::Tensor bias;    // [out]
};

enum class Gelu { tanh, erf, sigmoid };    // sigmoid: x sigmoid(1.702 x)
Gelu parse_gelu(const std::string& name);  // "tanh" or "erf", else throws Error
at::Tensor gelu(const at::Tensor& x, Gelu kind);

}  // namespace cohesin
