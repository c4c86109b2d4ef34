#pragma once

#include <cstdint>
#include <string>

#include "cohesin/base/fields.h"

namespace cohesin {

// The sections `train` and `pretraining` of a recipe.
struct TrainSettings {
  int64_t epochs = 20;
  int64_t max_steps = 0;
  int64_t batch_size = 32;
  int64_t micro_batch_size = 0;
  double learning_rate = 1e-3;
  double head_learning_rate_factor = 1;
  double weight_decay = 0.01;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  std::string schedule = "cosine";
  double warmup_fraction = 0.1;
  double gradient_clip = 1;
  int64_t seed = 0;
  int64_t seeds = 1;
  std::string freeze = "none";
  std::string batch_norm = "auto";
  double validation_fraction = 0.1;
  int64_t early_stopping_patience = 0;
  double modality_dropout = 0;
  double single_modality_weight = 0;
  std::string consistency = "none";
  double consistency_weight = 0.1;
  double consistency_temperature = 0.1;
  double label_smoothing = 0;
  std::string class_weights = "none";
  int64_t checkpoint_every_steps = 0;
  int64_t keep_last = 2;
  int64_t log_every_steps = 0;

  void visit(Fields& field);

  // Throws Error on a value out of range; `section` ("train") names the place.
  void check(const std::string& section) const;
};

// The setting `freeze`: what of the pre-trained part stays as it is. The head is always trained.
struct Freeze {
  bool all = false;          // "all"
  int64_t last_blocks = -1;  // "last:K": only the last K blocks are trained; -1 = no such limit
};
Freeze parse_freeze(const std::string& text, const std::string& section);

}  // namespace cohesin
