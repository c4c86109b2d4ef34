#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "cohesin/nn/layers.h"

namespace cohesin {

// The U-Net around MOJO's transformer, after its authors' code (see mojo.h). Layout [B,L,C].

// GELU(conv(norm(x))).
class ConvBlock : public torch::nn::Module {
 public:
  ConvBlock(int64_t in_width, int64_t out_width, int64_t kernel_size, Gelu activation);
  at::Tensor forward(const at::Tensor& x_BLC) const;

 private:
  Gelu activation_;
  std::shared_ptr<LayerNorm> norm_;
  std::shared_ptr<Conv1d> conv_;
};

// x + GELU(linear(norm(x))): the residual blocks of both towers, whose kernel is 1.
class PointwiseResidual : public torch::nn::Module {
 public:
  PointwiseResidual(int64_t width, Gelu activation);
  at::Tensor forward(const at::Tensor& x_BLC) const;

 private:
  Gelu activation_;
  std::shared_ptr<LayerNorm> norm_;
  std::shared_ptr<Linear> linear_;
};

// GELU(deconv(norm(x))), twice as long: kernel 5, stride 2.
class DeconvBlock : public torch::nn::Module {
 public:
  DeconvBlock(int64_t in_width, int64_t out_width, Gelu activation);
  at::Tensor forward(const at::Tensor& x_BLC) const;

 private:
  Gelu activation_;
  std::shared_ptr<LayerNorm> norm_;
  at::Tensor weight_, bias_;  // [in,out,k], [out]
};

// Means of 2 neighbours; at an odd end the last value stands alone. [B,L,C] -> [B,ceil(L/2),C].
at::Tensor average_pairs(const at::Tensor& x_BLC);

// One step for each pair of neighbours in `widths`: conv block, residual block, halving.
class ConvTower : public torch::nn::Module {
 public:
  ConvTower(const std::vector<int64_t>& widths, Gelu activation);
  // The output, and the input of every step.
  std::pair<at::Tensor, std::vector<at::Tensor>> forward(at::Tensor x_BLC) const;

 private:
  std::vector<std::shared_ptr<ConvBlock>> convs_;
  std::vector<std::shared_ptr<PointwiseResidual>> residuals_;
};

// The way back: deconv block, residual block, then the input of the mirrored conv step is added
// (skips in the order of ConvTower; empty = no skip connections).
class DeconvTower : public torch::nn::Module {
 public:
  DeconvTower(const std::vector<int64_t>& widths, Gelu activation);  // widths of the ConvTower
  at::Tensor forward(at::Tensor x_BLC, const std::vector<at::Tensor>& skips) const;

 private:
  std::vector<std::shared_ptr<DeconvBlock>> deconvs_;
  std::vector<std::shared_ptr<PointwiseResidual>> residuals_;
};

}  // namespace cohesin
