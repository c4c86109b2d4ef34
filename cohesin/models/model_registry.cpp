#include "cohesin/models/model_registry.h"

#include <nlohmann/json.hpp>

#include "cohesin/base/error.h"
#include "cohesin/models/encoders/bulk_rna_bert.h"
#include "cohesin/models/encoders/enformer.h"
#include "cohesin/models/encoders/esm2.h"
#include "cohesin/models/encoders/nucleotide_transformer.h"
#include "cohesin/models/fusion/mojo.h"
#include "cohesin/models/omics_heads.h"

namespace cohesin {
namespace {

template <typename Config, typename Module>
ModelEntry entry(const std::string& name,
                 std::vector<std::pair<std::string, WeightMap>> weight_names,
                 const std::string& gene_list_sha256 = "") {
  return {name, [] { return std::make_shared<Config>(); },
          [](const ModelConfig& config) -> std::shared_ptr<Model> {
            const auto* own = dynamic_cast<const Config*>(&config);
            return own == nullptr ? nullptr : std::make_shared<Module>(*own);
          },
          std::move(weight_names), gene_list_sha256};
}

}  // namespace

const std::vector<ModelEntry>& model_registry() {
  static const std::vector<ModelEntry> entries = {
      entry<BulkRnaBertConfig, BulkRnaBert>(
          "bulk_rna_bert",
          {{"haiku", bulk_rna_bert_haiku_names()},
           {"huggingface", bulk_rna_bert_huggingface_names()}},
          "ce44c2b58a3577878f43aa00fa4d940a090d678bd007f1dbd27ecb58c63d7ec5"),
      entry<MojoConfig, Mojo>("mojo", {{"haiku", mojo_haiku_names()}},
                              "e04a8a4a7d128a18592eaf35da236559a86a6a4f97337e7939e586437f0687f9"),
      entry<OmicsHeadsConfig, OmicsHeads>("omics_heads", {{"haiku", omics_heads_haiku_names()}}),
      entry<Esm2Config, Esm2>("esm2", {{"huggingface", token_encoder_huggingface_names()},
                                       {"fair", esm2_fair_names()}}),
      entry<NucleotideTransformerConfig, NucleotideTransformer>(
          "nucleotide_transformer", {{"huggingface", token_encoder_huggingface_names()},
                                     {"haiku", nucleotide_transformer_haiku_names()}}),
      entry<EnformerConfig, Enformer>("enformer", {{"huggingface", enformer_huggingface_names()}}),
  };
  return entries;
}

const WeightMap& ModelEntry::names(const std::string& kind) const {
  std::string known;
  for (const auto& [key, map] : weight_names) {
    if (key == kind) return map;
    known += (known.empty() ? "" : ", ") + key;
  }
  throw Error("no {} names are known for '{}' (known: {})", kind, name, known);
}

const ModelEntry& find_model(const std::string& name) {
  const std::vector<std::string> names = model_names();
  for (const auto& entry : model_registry()) {
    if (entry.name == name) return entry;
  }
  const std::string nearest = nearest_name(name, names);
  throw Error("there is no model '{}'{}", name,
              nearest.empty() ? "; known are: " + fmt::format("{}", fmt::join(names, ", "))
                              : "; did you mean '" + nearest + "'?");
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const auto& entry : model_registry()) names.push_back(entry.name);
  return names;
}

const ModelEntry* recognise_model(const std::string& config_json) {
  const nlohmann::json json = nlohmann::json::parse(config_json, nullptr, false, true);
  if (!json.is_object()) return nullptr;
  std::map<std::string, std::string> keys;
  for (const auto& item : json.items()) keys[item.key()] = item.value().dump();
  for (const auto& entry : model_registry()) {
    if (entry.make_config()->describes(keys)) return &entry;
  }
  return nullptr;
}

std::shared_ptr<ModelConfig> make_model_config(const std::string& name) {
  return find_model(name).make_config();
}

std::shared_ptr<Model> make_model(const ModelConfig& config) {
  for (const auto& entry : model_registry()) {
    if (auto model = entry.make(config)) return model;
  }
  throw Error("no model in the registry takes this config");
}

}  // namespace cohesin
