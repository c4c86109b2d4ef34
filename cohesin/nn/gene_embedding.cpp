#include "cohesin/nn/gene_embedding.h"

#include <torch/nn/module.h>

namespace cohesin {

GeneEmbedding::GeneEmbedding(int64_t num_positions, int64_t init_width, int64_t width,
                             bool projected) {
  weight_ = register_parameter("weight", torch::zeros({num_positions, init_width}));
  if (projected) {
    projection_ = register_module("projection", std::make_shared<Linear>(init_width, width));
  }
}

at::Tensor GeneEmbedding::forward() const {
  return projection_ ? projection_->forward(weight_) : weight_;
}

ValueEmbedding::ValueEmbedding(int64_t width, int64_t num_real) : num_real_(num_real) {
  mask_vector_ = register_parameter("mask", torch::zeros({width}));
  pad_vector_ = register_parameter("pad", torch::zeros({width}));
  up_ = register_module("up", std::make_shared<Linear>(1, width));
  down_ = register_module("down", std::make_shared<Linear>(width, width));
}

at::Tensor ValueEmbedding::forward(const at::Tensor& values_BL, const at::Tensor& hidden_BL) const {
  const int64_t num_pads = values_BL.size(1) - num_real_;
  const at::Tensor hidden_BG = hidden_BL.narrow(1, 0, num_real_);
  const at::Tensor values_BG = values_BL.narrow(1, 0, num_real_).masked_fill(hidden_BG, 0.0);
  at::Tensor x_BGD = down_->forward(gelu(up_->forward(values_BG.unsqueeze(-1)), Gelu::erf));
  x_BGD = at::where(hidden_BG.unsqueeze(-1), mask_vector_, x_BGD);
  if (num_pads == 0) return x_BGD;
  return at::cat({x_BGD, pad_vector_.expand({x_BGD.size(0), num_pads, -1})}, 1);
}

}  // namespace cohesin
