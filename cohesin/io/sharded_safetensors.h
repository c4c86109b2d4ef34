#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cohesin/io/safetensors.h"

namespace cohesin {

// The tensors of one model in one or several safetensors files, opened and checked.
struct WeightFiles {
  std::vector<std::filesystem::path> paths;
  std::vector<SafetensorsFile> files;     // one a path
  std::map<std::string, size_t> file_of;  // index into `files` by tensor name
  std::vector<std::string> warnings;      // for people; none is an error

  // Throws Error naming the nearest tensor where there is no such one.
  const TensorView& at(const std::string& name) const;
};

// `path` is a safetensors file; an index of shards as Hugging Face writes it
// ({"metadata": {"total_size": N}, "weight_map": {TENSOR: FILE}}, files beside it); or a folder
// with model.safetensors, else model.safetensors.index.json. Index and shards must name the same
// tensors in the same files. Throws Error: a shard is missing, a tensor is in no shard, in another
// one or not in the index, a file lies outside the folder, the index is no such file, the folder
// has neither (naming the pickles that it has, and how to convert them). A total_size that differs
// is a warning.
WeightFiles open_weight_files(const std::filesystem::path& path);

}  // namespace cohesin
