#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/models/weight_map.h"

namespace cohesin {

// One model: its name in configs and on the command line, its published configuration, the module,
// and the foreign names of its weights ("haiku", "huggingface"); the first are those of the
// authors' code, which reference cases use.
struct ModelEntry {
  std::string name;
  std::function<std::shared_ptr<ModelConfig>()> make_config;
  std::function<std::shared_ptr<Model>(const ModelConfig&)> make;
  std::vector<std::pair<std::string, WeightMap>> weight_names;
  std::string gene_list_sha256;  // of the published gene list's file; empty without gene axis

  const WeightMap& names(const std::string& kind) const;  // throws Error naming the known kinds
};

const std::vector<ModelEntry>& model_registry();
const ModelEntry& find_model(const std::string& name);  // throws Error with the nearest name
std::vector<std::string> model_names();
// The model whose published configs look like this one; null if there is none.
const ModelEntry* recognise_model(const std::string& config_json);

std::shared_ptr<ModelConfig> make_model_config(const std::string& name);  // published values
// The module of this config; its parameters are zero until initialise() or a load.
std::shared_ptr<Model> make_model(const ModelConfig& config);

}  // namespace cohesin
