#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cohesin {

// The address of one micro-batch. All randomness of a training step (order, masks, dropout of a
// modality) is drawn from it, so that a resumed training draws the same numbers.
struct StepAddress {
  uint64_t seed = 0;
  int64_t epoch = 0;        // from 0
  int64_t step = 0;         // optimizer steps done before this one, from 0 over the whole training
  int64_t micro_batch = 0;  // within the step
};

// What one micro-batch gives.
struct LossParts {
  at::Tensor loss;  // scalar with gradient: the mean over the scored items
  double weight =
      1;  // how much that mean counts beside other micro-batches of the step: the number
          // of scored items (or the sum of their class weights); 0 = nothing to learn
};

// Scores on the validation part.
struct Validation {
  double score = 0;                       // what early stopping and `best` follow; lower is better
  std::map<std::string, double> metrics;  // further numbers for the log, by their usual names
};

// What the loop trains: a module with its data and loss. The caller owns it.
class Trainable {
 public:
  virtual ~Trainable() = default;

  // Its parameters with requires_grad() are trained, the others stay as they are (and are stored
  // with the checkpoint all the same). The loop calls train() before losses, eval() before
  // validation.
  virtual torch::nn::Module& module() = 0;

  // Names of the training samples; losses address them by their index here.
  virtual std::vector<std::string> sample_names() const = 0;

  // The loss of these samples. Before each call the loop seeds torch's own generators from `at`,
  // thus at::dropout needs no care; whatever else is random is drawn from RandomStream and `at`.
  virtual LossParts loss(const std::vector<int64_t>& samples, const StepAddress& at) = 0;

  // Whether there is a validation part.
  virtual bool has_validation() const { return false; }
  // Called without gradient at the end of each epoch if has_validation(). Random choices (masks)
  // must not depend on the epoch, so that scores can be compared.
  virtual Validation validate() { return {}; }

  // Further texts of a checkpoint by file name, of the weights as they are.
  virtual std::map<std::string, std::string> checkpoint_texts() { return {}; }

  // Whether the first epoch computes what later ones reuse: how long the training takes is then
  // told after it.
  virtual bool first_epoch_is_slow() const { return false; }

  // Parameter groups. By default weight decay spares biases, norms (one dimension) and embeddings
  // (by name), and the head is what is registered as "head".
  virtual bool decays(const std::string& parameter_name, const at::Tensor& parameter) const;
  virtual bool is_head(const std::string& parameter_name) const;
  // Whether it belongs to an adapter on a frozen model: trained, whatever else is frozen.
  virtual bool is_adapter(const std::string& /*parameter_name*/) const { return false; }
};

// What of a module is trained.
struct TrainedShare {
  int64_t trained = 0, all = 0;  // numbers in parameters

  // "4,096 of 6,005,104 parameters (0.07 %)"
  std::string text() const;
};
TrainedShare trained_share(const torch::nn::Module& module);

}  // namespace cohesin
