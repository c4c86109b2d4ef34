#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cohesin/encode/value_tokenizer.h"
#include "cohesin/models/heads.h"
#include "cohesin/models/model_registry.h"

namespace cohesin {

// What the authors' configuration of a model says, sorted by what it is about.
struct ForeignConfig {
  std::shared_ptr<ModelConfig> model;
  std::string model_text;  // the JSON that it was read from
  std::optional<MlpHeadConfig> head;
  std::string adapter = "none";
  std::map<std::string, std::string> other_keys;  // dotted path -> JSON text
};

// Reads the authors' file: the model's keys by themselves, or sections `model`, `head` and
// `adapter`
// ("ia3"). Throws Error naming `where` and the key.
ForeignConfig read_foreign_config(const ModelEntry& entry, const std::string& text,
                                  const std::string& where);

// The published tokenizer of each omic, from the keys that the authors keep among the model's
// (n_expressions_bins, normalization_factor, ...; one value, or one an omic). Absent keys take the
// authors' defaults. These keys are removed from `other_keys`.
std::map<std::string, TokenizerConfig> published_tokenizers(const OmicsModel& model,
                                                            ForeignConfig& config);

}  // namespace cohesin
