#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "cohesin/train/checkpoint.h"

namespace cohesin {

// The checkpoints of one training: `checkpoints/step_...` and the text files `best` and `latest`,
// which name one of them each and are replaced by rename. At any moment that a process can be
// killed, what `best` and `latest` name is whole.
class RunFolder {
 public:
  // Throws Error when the folder cannot be written.
  RunFolder(std::filesystem::path folder, int64_t keep_last);

  const std::filesystem::path& path() const { return folder_; }
  std::filesystem::path checkpoint(int64_t step) const;
  bool has_checkpoints() const;

  // Removes what an earlier training left: checkpoints, best, latest, logs. Nothing else.
  void clear();

  // The checkpoint to go on from: the latest; where the user removed it, the newest that is left.
  // Throws Error when there is none, or when it is damaged (the text names the one before it).
  std::filesystem::path resume_point() const;
  // Removes what a killed process left half-written.
  void remove_leftovers() const;

  void write(int64_t step, const CheckpointContent& content) const;
  // Replaces `best` (unless none) and `latest`, then deletes all but the newest `keep_last`
  // checkpoints up to `latest` and the best.
  void point_to(std::optional<int64_t> best, int64_t latest) const;

 private:
  std::filesystem::path folder_, checkpoints_;
  int64_t keep_last_;
};

}  // namespace cohesin
