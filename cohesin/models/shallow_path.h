#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cohesin/models/model.h"
#include "cohesin/nn/layers.h"

namespace cohesin {

struct ShallowDropout {
  double input = 0, hidden = 0;  // probabilities
};

// A two-layer network on the scaled values of each omic, joined before the last layer:
//   logits = output(concat over omics of present_m * dropout(relu(input_m(dropout(x_m)))))
// An omic that is absent or hidden contributes nothing. It is the strong plain method on a few
// hundred samples; beside a model's head it carries what tokens and pooling lose.
class ShallowPath : public torch::nn::Module {
 public:
  // `num_features`: values an omic, by omic, in the batch's order.
  ShallowPath(const std::vector<std::pair<std::string, int64_t>>& num_features, int64_t hidden_size,
              int64_t num_outputs, const ShallowDropout& dropout);
  // batch: OMIC.features [B,F], OMIC.present [B]; returns [B,outputs].
  at::Tensor forward(const Batch& batch);
  // The hidden layers of the omics side by side [B,omics*H].
  at::Tensor hidden(const Batch& batch, bool with_dropout);

 private:
  ShallowDropout dropout_;
  std::vector<std::pair<std::string, std::shared_ptr<Linear>>> inputs_;  // by omic
  std::shared_ptr<Linear> output_;
};

// A linear model of the scaled values, beside the others:
//   outputs = bias + sum over omics of present_m * weight_m x_m
// With `alone`, a sample that has one omic alone is answered by weights of its own:
//   outputs = alone_bias_m + alone_weight_m x_m
// for what a gene says depends on whether its methylation is known as well.
class LinearPath : public torch::nn::Module {
 public:
  LinearPath(const std::vector<std::pair<std::string, int64_t>>& num_features, int64_t num_outputs,
             bool alone = false);
  // batch: OMIC.features [B,F], OMIC.present [B]; returns [B,outputs].
  at::Tensor forward(const Batch& batch);
  at::Tensor squared_weights() const;  // their sum

 private:
  struct Alone {
    at::Tensor weight_TF, bias_T;
  };
  std::vector<std::pair<std::string, at::Tensor>> weights_;  // [outputs,F] by omic
  at::Tensor bias_T_;
  std::vector<Alone> alone_;  // by omic, in the order of weights_; empty without
};

}  // namespace cohesin
