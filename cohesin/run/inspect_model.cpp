#include <nlohmann/json.hpp>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/encode/gene_axis.h"
#include "cohesin/io/safetensors.h"
#include "cohesin/io/sharded_safetensors.h"
#include "cohesin/nn/adapter.h"
#include "cohesin/run/adapter_base.h"
#include "cohesin/run/foreign_model.h"
#include "cohesin/run/inspect_kinds.h"
#include "cohesin/run/recipe.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json parse_json(const std::string& text, const std::string& where) {
  try {
    return Json::parse(text, nullptr, true, true);  // recipes may hold comments
  } catch (const nlohmann::json::exception& error) {
    throw Error("{}: is no valid JSON: {}", where, error.what());
  }
}

bool is_float(Dtype dtype) {
  static const std::set<Dtype> kFloats{Dtype::kF64,    Dtype::kF32,    Dtype::kF16,   Dtype::kBF16,
                                       Dtype::kF8E4M3, Dtype::kF8E5M2, Dtype::kF8E8M0};
  return kFloats.count(dtype) != 0;
}

// Adds num_tensors, num_parameters (elements of floating point tensors) and tensors {name: {dtype,
// shape}}, of all files together.
void add_tensors(const std::vector<SafetensorsFile>& files, Json& shown) {
  int64_t num_parameters = 0;
  auto tensors = Json::object();
  for (const auto& file : files) {
    for (const auto& name : file.names()) {
      const TensorView& view = file.at(name);
      if (is_float(view.dtype)) num_parameters += view.num_elements();
      tensors[name] = {{"dtype", dtype_name(view.dtype)}, {"shape", view.shape}};
    }
  }
  shown["num_tensors"] = tensors.size();
  shown["num_parameters"] = num_parameters;
  shown["tensors"] = std::move(tensors);
}

// Modalities by what their parts of the checkpoint say: measured features and the fitted tokenizer.
Json describe_encoder(const std::map<std::string, std::string>& texts, const std::string& where) {
  auto modalities = Json::object();
  if (const auto found = texts.find("features.tsv"); found != texts.end()) {
    const GeneAxis axis = read_features(found->second, where + "/features.tsv");
    for (size_t m = 0; m < axis.modalities.size(); ++m) {
      int64_t measured = 0;
      for (const uint8_t is_measured : axis.measured[m]) measured += is_measured;
      modalities[axis.modalities[m]]["features"] = measured;
    }
  }
  if (const auto found = texts.find("tokenizers.json"); found != texts.end()) {
    const Json tokenizers = parse_json(found->second, where + "/tokenizers.json");
    for (const auto& item : tokenizers.items())
      if (item.value().is_object() && item.value().contains("config"))
        modalities[item.key()].update(item.value()["config"]);
  }
  return modalities;
}

// run.json without the configuration, which is shown by itself.
Json read_provenance(const fs::path& run_folder) {
  const fs::path path = run_folder / "run.json";
  if (!fs::exists(path)) return Json();
  Json record = parse_json(read_text(path), path.string());
  if (record.is_object()) record.erase("config");
  return record;
}

// A section's entry as it stands, null where the configuration has none.
Json find_entry(const Json& config, const char* section, const char* key) {
  if (!config.is_object() || !config.contains(section)) return Json();
  const Json& found = config[section];
  return found.is_object() && found.contains(key) ? found[key] : Json();
}

// What was trained beside a frozen model: an adapter and the head.
void add_adapter(const Json& config, const std::map<std::string, std::string>& texts,
                 const SafetensorsFile& file, Json& shown) {
  const Json name = find_entry(config, "adapter", "name");
  if (!name.is_string() || name == "none") return;
  shown["adapter"] = config["adapter"];
  int64_t all = 0, trainable = 0;
  for (const auto& tensor : file.names()) {
    const int64_t count = file.at(tensor).num_elements();
    all += count;
    if (is_adapter_parameter(tensor) || tensor.rfind("head.", 0) == 0) trainable += count;
  }
  if (const auto found = texts.find("base.json"); found != texts.end()) {
    AdapterBase base;
    read_config(base, found->second, "base.json");
    shown["base"] = Json::parse(found->second);
    all += base.num_parameters;
  }
  shown["trainable"] = {
      {"parameters", trainable},
      {"of", all},
      {"percent", 100.0 * static_cast<double>(trainable) / static_cast<double>(all)}};
}

// Everything about one checkpoint but its kind; verified against its manifest first.
void add_checkpoint(const fs::path& folder, Json& shown) {
  const auto texts = read_checkpoint_texts(folder);
  const std::string where = folder.string();
  Json config;
  if (const auto found = texts.find("config.json"); found != texts.end()) {
    config = parse_json(found->second, where + "/config.json");
    shown["model"] = find_entry(config, "model", "name");
    shown["task"] = find_entry(config, "task", "name");
  } else if (const auto baseline = texts.find("baseline.json"); baseline != texts.end()) {
    config = parse_json(baseline->second, where + "/baseline.json");
    shown["model"] = config.is_object() && config.contains("name") ? config["name"] : Json();
  }
  if (const auto step = checkpoint_step(folder)) shown["step"] = *step;
  shown["modalities"] = describe_encoder(texts, where);
  const SafetensorsFile file = SafetensorsFile::open(checkpoint_weights(folder));
  add_adapter(config, texts, file, shown);
  add_tensors({file}, shown);
  shown["config"] = std::move(config);
}

// Subfolders whose names start with `start`, sorted.
std::vector<fs::path> subfolders(const fs::path& folder, const std::string& start) {
  std::set<fs::path> found;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.is_directory() && entry.path().filename().string().rfind(start, 0) == 0)
        found.insert(entry.path());
  return {found.begin(), found.end()};
}

bool is_checkpoint(const fs::path& folder) {
  return fs::exists(folder / "manifest.json") || fs::exists(folder / "model.safetensors");
}

// The checkpoint that stands for a run: its own best, else that of its first fold or seed.
std::optional<fs::path> representative(const fs::path& folder) {
  if (is_checkpoint(folder)) return folder;
  if (!list_checkpoints(folder / "checkpoints").empty()) return resolve_checkpoint(folder);
  for (const std::string start : {"fold_", "seed_"})
    for (const auto& member : subfolders(folder, start))
      if (auto found = representative(member)) return found;
  return std::nullopt;
}

std::vector<std::string> file_names(const std::vector<fs::path>& paths) {
  std::vector<std::string> names;
  for (const auto& path : paths) names.push_back(path.filename().string());
  return names;
}

Json describe_run(const fs::path& folder) {
  const auto folds = subfolders(folder, "fold_"), seeds = subfolders(folder, "seed_");
  const auto baselines = subfolders(folder / "baselines", "");
  Json shown{{"kind", folds.empty() ? "run" : "crossval"}, {"path", folder.string()}};
  if (!folds.empty()) shown["split"] = file_names(folds);
  if (!seeds.empty()) shown["members"] = file_names(seeds);
  if (!baselines.empty()) shown["baselines"] = file_names(baselines);
  auto checkpoints = Json::array();
  for (const auto& [step, path] : list_checkpoints(folder / "checkpoints"))
    checkpoints.push_back(path.filename().string());
  if (!checkpoints.empty()) {
    for (const char* name : {"best", "latest"}) {
      const auto named = named_checkpoint(folder, name);
      shown[name] = named ? Json(named->filename().string()) : Json();
    }
    shown["checkpoints"] = std::move(checkpoints);
  }
  if (const auto checkpoint = representative(folder)) {
    shown["shown_checkpoint"] = fs::relative(*checkpoint, folder).string();
    add_checkpoint(*checkpoint, shown);
  }
  if (fs::exists(folder / "scores.json"))
    shown["scores"] =
        parse_json(read_text(folder / "scores.json"), (folder / "scores.json").string());
  shown["provenance"] = read_provenance(folder);
  return shown;
}

// A folder of others' weights; num_parameters counts what the file stores, used or not.
Json describe_download(const fs::path& folder) {
  const Json config = parse_json(read_text(folder / "config.json"), folder.string());
  const ModelEntry* entry = recognise_model(config.dump());
  const WeightFiles weights = open_weight_files(folder);
  Json shown{{"kind", "hugging_face"},
             {"path", folder.string()},
             {"model", entry == nullptr ? Json() : Json(entry->name)},
             {"files", file_names(weights.paths)}};
  add_tensors(weights.files, shown);
  shown["config"] = config;
  return shown;
}

Json describe_scores(const Json& scores, const fs::path& path) {
  for (const char* key : {"task", "scores"})
    if (!scores.contains(key))
      throw Error("{}: has no key '{}'; expected scores.json", path.string(), key);
  Json shown{{"kind", "scores"}, {"path", path.string()}};
  shown.update(scores);
  return shown;
}

Json describe_recipe(const fs::path& path) {
  Recipe recipe = read_recipe(path);
  const Json config = Json::parse(write_json([&recipe](Fields& field) { recipe.visit(field); }));
  return {{"kind", "recipe"},
          {"path", path.string()},
          {"model", recipe.model_name},
          {"task", recipe.task.name},
          {"config", config}};
}

}  // namespace

std::string inspect_safetensors(const fs::path& path) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  Json shown{{"kind", "safetensors"}, {"path", path.string()}, {"metadata", file.metadata()}};
  add_tensors({file}, shown);
  return json_text(shown);
}

std::string inspect_json_file(const fs::path& path) {
  const Json json = parse_json(read_text(path), path.string());
  if (json.is_object() && json.contains("scores")) return json_text(describe_scores(json, path));
  if (json.is_object() && (json.contains("model") || json.contains("train")))
    return json_text(describe_recipe(path));
  throw Error("{}: is neither a recipe (sections model, task, train) nor scores.json",
              path.string());
}

std::string inspect_folder(const fs::path& path) {
  if (is_hugging_face_folder(path)) return json_text(describe_download(path));
  if (is_checkpoint(path)) {
    Json shown{{"kind", "checkpoint"}, {"path", path.string()}};
    add_checkpoint(path, shown);
    const fs::path above = fs::absolute(path).lexically_normal().parent_path();
    if (above.filename() == "checkpoints")
      shown["provenance"] = read_provenance(above.parent_path());
    return json_text(shown);
  }
  if (fs::exists(path / "run.json") || fs::exists(path / "checkpoints") ||
      representative(path).has_value())
    return json_text(describe_run(path));
  throw Error(
      "{}: is no checkpoint (manifest.json, model.safetensors), run or crossval folder "
      "(run.json, checkpoints/)",
      path.string());
}

}  // namespace cohesin
