#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/tensor/batch.h"
#include "cohesin/train/trainable.h"

namespace cohesin {

// Where a training stands, beside its weights and the optimizer's moments.
struct TrainingState {
  int64_t step = 0;   // optimizer steps done
  int64_t epoch = 0;  // whole epochs done
  int64_t batch = 0;  // batches done of the epoch under way
  // Of the epoch under way: sum of loss times weight over its micro-batches, and of the weights.
  double loss_sum = 0;
  double loss_weight = 0;
  std::optional<Validation> best;
  int64_t best_step = 0;
  int64_t epochs_without_improvement = 0;

  // As tensors named "training.*".
  NamedTensors to_tensors() const;
  // Throws Error when one is missing or no single number.
  static TrainingState from_tensors(const NamedTensors& tensors);
};

// Identifies the training samples and their order.
at::Tensor samples_digest(const std::vector<std::string>& sample_names);

}  // namespace cohesin
