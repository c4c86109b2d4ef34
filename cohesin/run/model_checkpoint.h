#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cohesin/models/heads.h"
#include "cohesin/models/model_registry.h"
#include "cohesin/nn/adapter.h"

namespace cohesin {

// A model, the published head on it where there is one, and the names that the authors use for
// them: what a conversion makes and `forward` asks. In a checkpoint the head's tensors are
// `head.deep.*`, all others are the model's own.
struct ModelCheckpoint {
  const ModelEntry* entry = nullptr;
  std::shared_ptr<ModelConfig> config;
  std::shared_ptr<Model> model;
  std::shared_ptr<MlpHead> head;  // may be null
  std::string head_scope = "classification_head";
  AdapterConfig adapter;
  std::map<std::string, std::string> text_files;  // of the checkpoint read

  NamedTensors weights() const;     // share memory with the modules
  NamedTensors parameters() const;  // those that are not frozen
  void load(const NamedTensors& weights, const std::string& where);
  // The authors' names of all that `weights` has; kind as in the registry.
  WeightMap names(const std::string& kind) const;
};

// The modules for these settings, not filled yet. A head needs a model over a gene axis.
ModelCheckpoint assemble_model(const ModelEntry& entry, std::shared_ptr<ModelConfig> config,
                               const std::optional<MlpHeadConfig>& head,
                               const AdapterConfig& adapter);

// A run folder, a checkpoint or a Hugging Face folder (an adapter on its base, see read_with_base),
// verified against its manifest. A trained head with a shallow path is left out, and so is one on
// a model of sequences: they have no counterpart in the authors' code.
ModelCheckpoint load_model_checkpoint(const std::filesystem::path& path,
                                      const std::filesystem::path& base = {});

}  // namespace cohesin
