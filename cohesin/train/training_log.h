#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>

#include "cohesin/train/event_log.h"
#include "cohesin/train/trainable.h"

namespace cohesin {

// One line of log.jsonl.
struct LogLine {
  bool whole_epoch = false;  // else of one step
  int64_t step = 0;          // optimizer steps done
  int64_t epoch = 0;         // from 1
  double train_loss = 0;     // mean over the epoch, or of the step
  double learning_rate = 0;
  double gradient_norm = 0;  // before clipping
  std::optional<Validation> validation;
  double seconds = 0;  // since this process began to train
  double samples_per_second = 0;
};

// The course of a training: `log.jsonl` (one JSON object a line) and event files for TensorBoard in
// the folder `tensorboard`, both in the run folder.
class TrainingLog {
 public:
  // Goes on after this step; lines and events past it (of a training that was killed after its
  // last checkpoint) are dropped. 0 starts a new log.
  TrainingLog(const std::filesystem::path& folder, int64_t steps_done);

  void add(const LogLine& line);

 private:
  std::filesystem::path path_;
  std::ofstream stream_;
  EventLog events_;
};

}  // namespace cohesin
