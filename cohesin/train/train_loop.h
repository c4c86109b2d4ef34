#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "cohesin/train/train_settings.h"
#include "cohesin/train/trainable.h"

namespace cohesin {

enum class Precision { fp32, bf16 };

// Where a training leaves its files, and how it runs.
struct TrainRun {
  // The run folder: checkpoints/, log.jsonl, tensorboard/. Empty = nothing is written, the best
  // weights are kept in memory.
  std::filesystem::path folder;
  // Continue from the folder's latest checkpoint; where there is none yet, start.
  bool resume = false;
  // What else a checkpoint holds, by file name: config.json, features.tsv, bins. A resumed training
  // must come with the same texts.
  std::map<std::string, std::string> text_files;
  // Checkpoints hold the head and the adapter alone; the frozen rest is in another checkpoint.
  bool only_adapter = false;
  // bf16: matrix products in bfloat16 (autocast), weights and optimizer in fp32.
  Precision precision = Precision::fp32;
  // Shown beside the progress bar ("fold 3 of 10").
  std::string title = "training";
  // Remove what an earlier training left in the folder; without this it is an Error.
  bool replace = false;
};

struct TrainResult {
  int64_t steps = 0;
  int64_t epochs = 0;  // whole ones
  bool stopped_early = false;
  std::optional<Validation> best;  // of the best epoch; none without a validation part
  int64_t best_step = 0;           // the step whose weights are in the module now
};

// Trains to the end and leaves the weights with the best validation score in the module (the last
// ones without a validation part). On the CPU a training that was killed and resumed ends with the
// same bits as one that was not. Throws Error on a loss that is not finite (weights are then as
// before the step), on a folder that cannot be written or resumed; throws Interrupted after SIGINT
// or SIGTERM, once the step is done and a checkpoint written.
TrainResult train(Trainable& trainable, const TrainSettings& settings, const TrainRun& run);

}  // namespace cohesin
