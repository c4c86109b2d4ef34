#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "cohesin/base/fields.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {

// What an adapter stands on: base.json of its checkpoint.
struct AdapterBase {
  std::string model;           // name in the registry
  std::string path;            // the checkpoint; if relative, from the adapter's checkpoint
  std::string sha256;          // of its weights
  int64_t num_parameters = 0;  // of the model in it, without a head

  void visit(Fields& field);
};

// The text of base.json for trainings in `run_folder` that start from the checkpoint `base`. Its
// path is relative if it lies in `root` (they move together), else absolute.
std::string adapter_base_text(const std::filesystem::path& base, const std::string& model,
                              int64_t num_parameters, const std::filesystem::path& run_folder,
                              const std::filesystem::path& root);

// A verified checkpoint with all its weights: those of an adapter are joined with its base's, from
// `base` where that is given (a run folder or a checkpoint). Throws Error naming both when the base
// is another model, has changed since, or is not there.
CheckpointContent read_with_base(const std::filesystem::path& folder,
                                 const std::filesystem::path& base = {});

// Writes the checkpoint of `folder` (a run folder or a checkpoint) with its adapter folded into the
// weights; its head stays. Throws Error when there is none.
void merge_checkpoint(const std::filesystem::path& checkpoint, const std::filesystem::path& base,
                      const std::filesystem::path& out, bool force);

}  // namespace cohesin
