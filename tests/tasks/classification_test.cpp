#include "cohesin/tasks/classification.h"

#include "cohesin/tasks/omics_predictor.h"

#include <torch/nn/module.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

Batch features_batch() {
  Batch batch;
  torch::manual_seed(1);
  batch.tensors["rnaseq.features"] = torch::randn({4, 6});
  batch.tensors["rnaseq.present"] = torch::ones({4});
  batch.tensors["methylation.features"] = torch::randn({4, 3});
  batch.tensors["methylation.present"] = torch::tensor({1.0F, 0.0F, 1.0F, 1.0F});
  return batch;
}

TaskConfig shallow_task() {
  TaskConfig task;
  task.name = "classification";
  task.target = "class";
  task.classes = {"a", "b", "c"};
  task.deep_path = false;
  task.shallow_path = true;
  task.shallow_hidden_size = 5;
  return task;
}

TEST(OmicsPredictor, AbsentOmicContributesNothingToTheShallowPath) {
  OmicsPredictor classifier(nullptr, shallow_task(), {{"rnaseq", 6}, {"methylation", 3}}, 3);
  classifier.eval();
  Batch batch = features_batch();
  const at::Tensor before = classifier.forward(batch);
  batch.tensors["methylation.features"][1].fill_(1e3);
  EXPECT_TRUE(at::equal(classifier.forward(batch), before));
  batch.tensors["methylation.features"][2].fill_(1e3);
  EXPECT_FALSE(at::equal(classifier.forward(batch), before));
}

TEST(OmicsPredictor, StartsFromTheSeedAlone) {
  const std::vector<std::pair<std::string, int64_t>> counts = {{"rnaseq", 6}, {"methylation", 3}};
  OmicsPredictor one(nullptr, shallow_task(), counts, 3), same(nullptr, shallow_task(), counts, 3),
      other(nullptr, shallow_task(), counts, 4);
  one.eval();
  same.eval();
  other.eval();
  const Batch batch = features_batch();
  EXPECT_TRUE(at::equal(one.forward(batch), same.forward(batch)));
  EXPECT_FALSE(at::equal(one.forward(batch), other.forward(batch)));
}

TEST(OmicsPredictor, WithoutAnyPathIsRefused) {
  TaskConfig task = shallow_task();
  task.shallow_path = false;
  EXPECT_ERROR(OmicsPredictor(nullptr, task, {{"rnaseq", 6}}, 0), "all off");
}

TEST(BalancedClassWeights, AreInverseToClassSize) {
  const auto weights = balanced_class_weights({0, 0, 0, 1}, {"a", "b"});
  EXPECT_DOUBLE_EQ(weights[0], 4.0 / (2 * 3));
  EXPECT_DOUBLE_EQ(weights[1], 2.0);
  EXPECT_ERROR(balanced_class_weights({0, 0}, {"a", "b"}), "class 'b' has no training sample");
}

TEST(ClassificationLoss, WeighsSamplesByTheirClass) {
  const at::Tensor logits = torch::tensor({{2.0, 0.0}, {0.5, 1.0}}, at::kDouble);
  const at::Tensor labels = torch::tensor({0, 1});
  const at::Tensor each = -logits.log_softmax(1).gather(1, labels.unsqueeze(1)).squeeze(1);
  const at::Tensor weights = torch::tensor({3.0, 1.0}, at::kDouble);
  const double expected = ((each[0] * 3 + each[1]) / 4).item<double>();
  EXPECT_NEAR(classification_loss(logits, labels, weights, 0).item<double>(), expected, 1e-12);
  EXPECT_NEAR(classification_loss(logits, labels, {}, 0).item<double>(), each.mean().item<double>(),
              1e-12);
}

TEST(TaskConfig, RefusesWhatCannotBeTrained) {
  TaskConfig task;
  task.name = "clasification";
  EXPECT_ERROR(task.check("recipe.json"), "did you mean 'classification'?");
  task.name = "classification";
  EXPECT_ERROR(task.check("recipe.json"), "task.target");
  task.target = "class";
  task.dropout = 1.0;
  EXPECT_ERROR(task.check("recipe.json"), "task.dropout");
}

}  // namespace
}  // namespace cohesin
