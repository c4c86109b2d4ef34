#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "cohesin/tensor/batch.h"

namespace cohesin {

// What a checkpoint folder holds, beside its manifest.json.
struct CheckpointContent {
  NamedTensors model;  // model.safetensors (adapter.safetensors): parameters and buffers
  std::map<std::string, std::string> text_files;  // config.json, features.tsv, bins, ...
  NamedTensors state;  // state.safetensors: what a training needs to go on; may be empty
  bool only_adapter =
      false;  // `model` is what was learned beside frozen weights: an adapter, a head
};

// Writes the folder whole or not at all: all files and then the manifest (size and SHA-256 of each)
// go into a temporary folder beside it, are synced to the disk, and the folder is renamed. A folder
// that is there already is replaced; whether it may be is decided by the caller.
void write_checkpoint(const std::filesystem::path& folder, const CheckpointContent& content);

// Throws Error that names the first file which is missing, cut or altered against the manifest, and
// the newest whole checkpoint beside it.
void verify_checkpoint(const std::filesystem::path& folder);

// Verifies, then reads everything.
CheckpointContent read_checkpoint(const std::filesystem::path& folder);

// Where its `model` is: model.safetensors, or adapter.safetensors where it holds but that.
std::filesystem::path checkpoint_weights(const std::filesystem::path& folder);
// The SHA-256 of that file, as the manifest has it.
std::string weights_digest(const std::filesystem::path& folder);

// Verifies, then reads the text files alone.
std::map<std::string, std::string> read_checkpoint_texts(const std::filesystem::path& folder);

// The checkpoint folder that a user means: a run folder stands for its best checkpoint (the latest
// where there is no best), a checkpoint for itself. Throws Error on anything else.
std::filesystem::path resolve_checkpoint(const std::filesystem::path& path);

// The checkpoint that the text file `name` ("best", "latest") of a run folder names; none without
// such a file. Throws Error when its text is no such name.
std::optional<std::filesystem::path> named_checkpoint(const std::filesystem::path& run_folder,
                                                      const std::string& name);

// "step_00000012" and back.
std::string checkpoint_name(int64_t step);
std::optional<int64_t> checkpoint_step(const std::filesystem::path& folder);

// All checkpoints in a run's folder `checkpoints`, by step. Temporary folders do not count.
std::map<int64_t, std::filesystem::path> list_checkpoints(const std::filesystem::path& folder);

}  // namespace cohesin
