#pragma once

#include <torch/nn/modules/linear.h>

#include <cmath>
#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "cohesin/base/philox.h"
#include "cohesin/models/weight_map.h"
#include "cohesin/train/train_loop.h"

namespace cohesin::testing {

// Two layers with dropout; the second is the head.
struct ToyNet : torch::nn::Module {
  ToyNet() {
    torch::manual_seed(1);
    body = register_module("body", torch::nn::Linear(kInputs, kHidden));
    head = register_module("head", torch::nn::Linear(kHidden, 1));
  }
  at::Tensor forward(const at::Tensor& x) {
    return head(torch::dropout(torch::relu(body(x)), 0.2, is_training())).squeeze(-1);
  }
  static constexpr int64_t kInputs = 4, kHidden = 8;
  torch::nn::Linear body{nullptr}, head{nullptr};
};

// Regression of a sum on a few samples, with noise on the inputs that is drawn from the address.
class ToyTraining : public Trainable {
 public:
  explicit ToyTraining(int64_t num_samples = 23, int64_t num_validation = 8) {
    const auto options = at::TensorOptions().dtype(at::kFloat);
    x_ = torch::empty({num_samples + num_validation, ToyNet::kInputs}, options);
    RandomStream stream(5, "toy inputs");
    for (int64_t i = 0; i < x_.numel(); ++i) {
      x_.view(-1)[i] = static_cast<float>(stream.normal());
    }
    y_ = x_.sum(1);
    num_samples_ = num_samples;
  }

  torch::nn::Module& module() override { return net; }
  std::vector<std::string> sample_names() const override {
    std::vector<std::string> names;
    for (int64_t i = 0; i < num_samples_; ++i) names.push_back("sample" + std::to_string(i));
    return names;
  }
  LossParts loss(const std::vector<int64_t>& samples, const StepAddress& at) override {
    if (before_loss) before_loss(at, samples);
    seen.push_back(samples);
    const auto rows = torch::tensor(samples);
    auto x = x_.index_select(0, rows);
    if (noise > 0) {
      RandomStream stream(at.seed, "toy noise " + std::to_string(at.micro_batch),
                          static_cast<uint64_t>(at.step));
      x = x + noise * stream.normal();
    }
    auto mean = torch::mse_loss(net.forward(x), y_.index_select(0, rows));
    if (factor) mean = mean * factor(samples);
    return {mean, static_cast<double>(samples.size())};
  }
  bool has_validation() const override { return x_.size(0) > num_samples_; }
  Validation validate() override {
    if (scores) return {scores(), {}};
    const auto rows = torch::indexing::Slice(num_samples_, torch::indexing::None);
    const double mse =
        torch::mse_loss(net.forward(x_.index({rows})), y_.index({rows})).item<double>();
    return {mse, {{"loss", mse}, {"rmse", std::sqrt(mse)}}};
  }

  NamedTensors weights() { return module_weights(net); }

  ToyNet net;
  double noise = 0.1;
  std::vector<std::vector<int64_t>> seen;  // the samples of each call of loss()
  std::function<void(const StepAddress&, const std::vector<int64_t>&)> before_loss;
  std::function<double(const std::vector<int64_t>&)> factor;  // on the loss, to spoil it
  std::function<double()> scores;                             // instead of the true validation

 private:
  at::Tensor x_, y_;
  int64_t num_samples_ = 0;
};

// Six steps an epoch.
inline TrainSettings toy_settings() {
  TrainSettings settings;
  settings.epochs = 4;
  settings.batch_size = 4;
  settings.learning_rate = 0.02;
  settings.seed = 3;
  return settings;
}

inline void expect_same_bits(const NamedTensors& found, const NamedTensors& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    ASSERT_TRUE(found.count(name)) << name;
    EXPECT_TRUE(found.at(name).equal(tensor)) << name;
  }
}

inline bool same_bits(const NamedTensors& a, const NamedTensors& b) {
  for (const auto& [name, tensor] : a) {
    if (b.count(name) == 0 || !b.at(name).equal(tensor)) return false;
  }
  return a.size() == b.size();
}

inline NamedTensors copy_of(const NamedTensors& tensors) {
  NamedTensors copy;
  for (const auto& [name, tensor] : tensors) copy[name] = tensor.detach().clone();
  return copy;
}

}  // namespace cohesin::testing
