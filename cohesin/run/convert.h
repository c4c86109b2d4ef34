#pragma once

#include <filesystem>
#include <string>

namespace cohesin {

// Foreign weights into a checkpoint folder.
struct ConvertOptions {
  std::string model;              // name in the registry
  std::filesystem::path config;   // the authors' config.json
  std::filesystem::path weights;  // safetensors under the authors' names
  std::filesystem::path out;
  std::filesystem::path genes;     // one gene a line, in the published order; may be empty
  std::filesystem::path name_map;  // see bind_by_name_map; may be empty: known names are tried
  bool force = false;
};

// Writes config.json (our sections), model.safetensors (our names), tokenizers.json and, with a
// gene list, features.tsv; authors_config.json keeps the given config as it was. With a name map
// names.tsv keeps the foreign name of every tensor. Throws Error listing every tensor that does not
// fit.
void convert_to_checkpoint(const ConvertOptions& options);

struct ExportOptions {
  std::filesystem::path checkpoint;
  std::string names;  // "haiku" or "huggingface"
  std::filesystem::path out;
  bool force = false;
  std::filesystem::path base = {};  // of an adapter; empty: where its checkpoint says
};

// The checkpoint's weights under the authors' names and in their layout, bit for bit.
void export_weights_file(const ExportOptions& options);

}  // namespace cohesin
