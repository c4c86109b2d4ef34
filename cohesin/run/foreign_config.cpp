#include "cohesin/run/foreign_config.h"

#include <nlohmann/json.hpp>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

using Json = nlohmann::json;

Json parse(const std::string& text, const std::string& where) {
  try {
    Json json = Json::parse(text, nullptr, true, true);
    if (json.is_object()) return json;
  } catch (const Json::exception& error) {
    throw Error("{}: not valid JSON: {}", where, error.what());
  }
  throw Error("{}: expected a JSON object with the model's settings", where);
}

// The MLP head's own keys; two switches of the authors' code lead to networks that none of their
// published heads has.
MlpHeadConfig read_head(const std::string& text, const std::string& where,
                        std::map<std::string, std::string>& other_keys) {
  MlpHeadConfig head;
  std::map<std::string, std::string> unknown;
  read_json([&head](Fields& field) { head.visit(field); }, text, where, &unknown);
  for (const std::string key : {"use_gene_groups", "use_raw_rnaseq"}) {
    if (unknown.count(key) != 0 && unknown[key] != "false") {
      throw Error("{}: {} is {}; only heads on embeddings (false) are supported", where, key,
                  unknown[key]);
    }
  }
  for (const auto& [key, value] : unknown) other_keys["head." + key] = value;
  return head;
}

// One omic's value of a key that holds one value, or one an omic.
template <typename T>
T omic_setting(const Json& config, const std::string& key, const std::string& omic, T fallback) {
  if (!config.contains(key)) return fallback;
  Json value = config.at(key);
  if (value.is_object()) value = value.contains(omic) ? value.at(omic) : Json();
  if (value.is_null()) return fallback;
  try {
    return value.get<T>();
  } catch (const Json::exception&) {
    throw Error("config: '{}' of '{}' is {}, which is not of the expected type", key, omic,
                value.dump());
  }
}

}  // namespace

ForeignConfig read_foreign_config(const ModelEntry& entry, const std::string& text,
                                  const std::string& where) {
  const Json json = parse(text, where);
  ForeignConfig config;
  config.model = entry.make_config();
  const auto visit = [&config](Fields& field) { config.model->visit(field); };
  if (!json.contains("model") || !json["model"].is_object()) {
    config.model_text = text;
    read_json(visit, text, where, &config.other_keys);
    return config;
  }
  config.model_text = json["model"].dump();
  read_json(visit, config.model_text, where + ": model", &config.other_keys);
  for (const auto& item : json.items()) {
    if (item.key() == "head") {
      config.head = read_head(item.value().dump(), where + ": head", config.other_keys);
    } else if (item.key() == "adapter") {
      config.adapter = item.value().is_string() ? item.value().get<std::string>() : "";
      if (config.adapter != "ia3" && config.adapter != "none") {
        throw Error("{}: adapter: expected \"none\" or \"ia3\", got {}", where,
                    item.value().dump());
      }
    } else if (item.key() != "model") {
      config.other_keys[item.key()] = item.value().dump();
    }
  }
  return config;
}

std::map<std::string, TokenizerConfig> published_tokenizers(const OmicsModel& model,
                                                            ForeignConfig& config) {
  // That of InstaDeepAI/BulkRNABert, whose own config leaves it to the tokenizer's code.
  constexpr double kPublishedFactor = 5.547176906585117;
  const Json json = Json::parse(config.model_text, nullptr, true, true);
  std::map<std::string, TokenizerConfig> tokenizers;
  for (const auto& omic : model.omics()) {
    const bool is_rna = omic == "rnaseq";
    TokenizerConfig& tokenizer = tokenizers[omic];
    tokenizer.bins = omic_setting<int64_t>(json, "n_expressions_bins", omic, 64);
    tokenizer.at_maximum = "pad";
    const bool log = omic_setting(json, "use_log_normalization", omic, is_rna);
    tokenizer.transform = log ? "log10" : "none";
    tokenizer.unit = log ? "tpm" : omic == "methylation" ? "beta" : "";
    const bool scaled = omic_setting(json, "use_max_normalization", omic, is_rna);
    const double factor = is_rna ? kPublishedFactor : 1.0;
    tokenizer.normalization_factor =
        scaled ? omic_setting(json, "normalization_factor", omic, factor) : 1.0;
    tokenizer.minimum = omic_setting(json, "min_omic_value", omic, 0.0);
    tokenizer.maximum = omic_setting(json, "max_omic_value", omic, 1.0);
  }
  for (const auto* key : {"n_expressions_bins", "use_log_normalization", "use_max_normalization",
                          "normalization_factor", "min_omic_value", "max_omic_value"}) {
    config.other_keys.erase(key);
  }
  return tokenizers;
}

}  // namespace cohesin
