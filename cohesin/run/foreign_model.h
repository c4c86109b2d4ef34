#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "cohesin/run/foreign_config.h"
#include "cohesin/run/model_checkpoint.h"

namespace cohesin {

// A model as its authors store it: their config, and weights under their names.
struct ForeignFiles {
  std::filesystem::path config;    // config.json
  std::filesystem::path weights;   // .safetensors, the index of shards, or the folder with them
  std::filesystem::path name_map;  // see bind_by_name_map; may be empty: known names are tried
};

struct ForeignModel {
  ModelCheckpoint checkpoint;  // filled
  ForeignConfig config;
  WeightBindings bindings;
};

// Throws Error listing every tensor that does not fit, or naming one with values that are no
// numbers. What has no part here is logged with the reason, and so are the config's other keys.
ForeignModel read_foreign_model(const ModelEntry& entry, const ForeignFiles& files);

// Whether the folder is a download from Hugging Face: a config.json of theirs beside weights.
bool is_hugging_face_folder(const std::filesystem::path& folder);
// Its model, recognised by the config, with a vocabulary that fits.
ForeignModel read_hugging_face_folder(const std::filesystem::path& folder);

// Tells weights apart without reading them all: a digest of config, names, sizes, headers and ends.
std::string foreign_weights_digest(const std::filesystem::path& folder);

// The texts of a checkpoint of this model: config.json, and the tokenizers' files. `genes` as in
// ConvertOptions; may be empty.
std::map<std::string, std::string> checkpoint_texts(ForeignModel& model,
                                                    const std::filesystem::path& genes);

}  // namespace cohesin
