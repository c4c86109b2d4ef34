#include "cohesin/train/adamw.h"

#include <gtest/gtest.h>
#include <torch/optim/adamw.h>

#include "tests/testing.h"
#include "tests/train/toy_training.h"

namespace cohesin {
namespace {

using testing::copy_of;
using testing::expect_same_bits;
using testing::toy_settings;
using testing::ToyTraining;

void backward_once(ToyTraining& toy, int64_t step) {
  torch::manual_seed(static_cast<uint64_t>(step));
  toy.loss({0, 1, 2, 3}, {1, 0, step, 0}).loss.backward();
}

TEST(AdamW, EqualsTorchsOwn) {
  ToyTraining ours, theirs;
  TrainSettings settings = toy_settings();
  settings.weight_decay = 0.1;
  AdamW optimizer(ours, settings);
  std::vector<at::Tensor> decayed, spared;
  for (auto& parameter : theirs.net.parameters()) {
    (parameter.dim() >= 2 ? decayed : spared).push_back(parameter);
  }
  const auto options = torch::optim::AdamWOptions(settings.learning_rate).eps(settings.epsilon);
  torch::optim::AdamW reference_decayed(
      decayed, torch::optim::AdamWOptions(options).weight_decay(settings.weight_decay));
  torch::optim::AdamW reference_spared(spared, torch::optim::AdamWOptions(options).weight_decay(0));
  for (int64_t step = 0; step < 5; ++step) {
    optimizer.clear_gradients();
    theirs.net.zero_grad();
    backward_once(ours, step);
    backward_once(theirs, step);
    optimizer.step(settings.learning_rate);
    reference_decayed.step();
    reference_spared.step();
  }
  const NamedTensors expected = theirs.weights();
  for (const auto& [name, tensor] : ours.weights()) {
    EXPECT_TRUE(at::allclose(tensor, expected.at(name), 1e-5, 1e-7)) << name;
  }
}

TEST(AdamW, HeadLearnsWithItsOwnRate) {
  ToyTraining plain, fast;
  TrainSettings settings = toy_settings();
  settings.weight_decay = 0;
  const NamedTensors start = copy_of(plain.weights());
  AdamW plain_optimizer(plain, settings);
  settings.head_learning_rate_factor = 10;
  AdamW fast_optimizer(fast, settings);
  backward_once(plain, 0);
  backward_once(fast, 0);
  plain_optimizer.step(0.01);
  fast_optimizer.step(0.01);
  EXPECT_TRUE(plain.weights().at("body.weight").equal(fast.weights().at("body.weight")));
  const auto plain_change = plain.weights().at("head.weight") - start.at("head.weight");
  const auto fast_change = fast.weights().at("head.weight") - start.at("head.weight");
  EXPECT_TRUE(at::allclose(fast_change, 10 * plain_change, 1e-3, 1e-6));
}

TEST(AdamW, StateGoesOutAndInBitForBit) {
  ToyTraining straight, resumed;
  const TrainSettings settings = toy_settings();
  AdamW first(straight, settings);
  backward_once(straight, 0);
  first.step(0.01);

  load_module_weights(resumed.net, straight.weights(), "weights");
  AdamW second(resumed, settings);
  second.load_state(copy_of(first.state()));
  for (auto* each : {&first, &second}) each->clear_gradients();
  backward_once(straight, 1);
  backward_once(resumed, 1);
  first.step(0.01);
  second.step(0.01);
  expect_same_bits(resumed.weights(), straight.weights());
  expect_same_bits(second.state(), first.state());
}

TEST(AdamW, RefusesAStateOfAnotherModule) {
  ToyTraining toy;
  AdamW optimizer(toy, toy_settings());
  EXPECT_ERROR(optimizer.load_state({{"adamw.mean.tail.weight", torch::zeros({1})}}),
               "'adamw.mean.tail.weight', which is not trained here");
  EXPECT_ERROR(optimizer.load_state({{"adamw.mean.head.bias", torch::zeros({7})}}), "head.bias");
}

TEST(AdamW, ClipsTheNormOfTheWholeGradient) {
  ToyTraining toy;
  AdamW optimizer(toy, toy_settings());
  backward_once(toy, 0);
  const double norm = optimizer.clip_gradients(0);
  EXPECT_DOUBLE_EQ(optimizer.clip_gradients(norm / 4), norm);
  EXPECT_NEAR(optimizer.clip_gradients(0), norm / 4, norm * 1e-5);
}

TEST(AdamW, LeavesFrozenParametersAloneAndNeedsSomethingToTrain) {
  ToyTraining toy;
  for (auto& parameter : toy.net.body->parameters()) parameter.requires_grad_(false);
  const NamedTensors start = copy_of(toy.weights());
  AdamW optimizer(toy, toy_settings());
  EXPECT_EQ(optimizer.num_trained(), 9);
  backward_once(toy, 0);
  optimizer.step(0.1);
  EXPECT_TRUE(toy.weights().at("body.weight").equal(start.at("body.weight")));
  EXPECT_FALSE(toy.weights().at("head.weight").equal(start.at("head.weight")));
  for (auto& parameter : toy.net.parameters()) parameter.requires_grad_(false);
  EXPECT_ERROR(AdamW(toy, toy_settings()), "nothing to train");
}

}  // namespace
}  // namespace cohesin
