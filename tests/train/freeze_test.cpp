#include "cohesin/train/freeze.h"

#include <torch/nn/modules/linear.h>

#include <set>

#include "tests/testing.h"

namespace cohesin {
namespace {

// Named as the models name theirs: an embedding, three transformer blocks, a head.
class BlockTraining : public Trainable {
 public:
  BlockTraining() {
    auto model = std::make_shared<torch::nn::Module>();
    model->register_module("gene_embedding", torch::nn::Linear(1, 1).ptr());
    auto blocks = std::make_shared<torch::nn::Module>();
    for (const char* i : {"0", "1", "2"}) {
      blocks->register_module(i, torch::nn::Linear(1, 1).ptr());
    }
    model->register_module("transformer", blocks);
    net_.register_module("model", model);
    net_.register_module("head", torch::nn::Linear(1, 1).ptr());
  }
  torch::nn::Module& module() override { return net_; }
  std::vector<std::string> sample_names() const override { return {}; }
  LossParts loss(const std::vector<int64_t>&, const StepAddress&) override { return {}; }

  std::set<std::string> trained_weights() {
    std::set<std::string> names;
    for (const auto& item : net_.named_parameters()) {
      const std::string& name = item.key();
      const bool weight = name.size() > 7 && name.substr(name.size() - 7) == ".weight";
      if (weight && item.value().requires_grad()) names.insert(name.substr(0, name.size() - 7));
    }
    return names;
  }

 private:
  torch::nn::Module net_;
};

TEST(ApplyFreeze, TrainsTheHeadAndWhatIsAskedFor) {
  BlockTraining training;
  apply_freeze(training, parse_freeze("all", "train"));
  EXPECT_EQ(training.trained_weights(), std::set<std::string>({"head"}));
  apply_freeze(training, parse_freeze("last:2", "train"));
  EXPECT_EQ(training.trained_weights(),
            std::set<std::string>({"head", "model.transformer.1", "model.transformer.2"}));
  apply_freeze(training, parse_freeze("none", "train"));
  EXPECT_EQ(training.trained_weights().size(), 5);
}

TEST(ApplyFreeze, RefusesMoreBlocksThanThereAre) {
  BlockTraining training;
  EXPECT_ERROR(apply_freeze(training, parse_freeze("last:4", "train")),
               "trains the last 4 transformer blocks; the model has 3");
}

}  // namespace
}  // namespace cohesin
