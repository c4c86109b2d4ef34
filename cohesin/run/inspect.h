#pragma once

#include <filesystem>
#include <string>

namespace cohesin {

// What a file or folder is, told as JSON or as text for people: a cohort (h5mu), an h5ad, a
// safetensors file, a checkpoint, a run or crossval folder, a recipe, a split or fold file,
// predictions, embeddings or scores. Everything is read and checked on the way: a broken file is an
// Error, never half a description. Keys are those of the command `inspect`.
struct InspectOptions {
  std::filesystem::path path;
  bool json = false;
};
std::string inspect(const InspectOptions& options);

}  // namespace cohesin
