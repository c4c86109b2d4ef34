#include "cohesin/run/model_checkpoint.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cohesin/base/error.h"
#include "cohesin/run/adapter_base.h"
#include "cohesin/run/foreign_model.h"
#include "cohesin/tasks/task_config.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {
namespace {

const std::string kHead = "head.";
const std::string kDeepHead = "head.deep.";
const std::string kShallowHead = "head.shallow.";

bool starts_with(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

// The head that a task section describes, its outputs counted from the stored tensors.
MlpHeadConfig head_config(const TaskConfig& task, const NamedTensors& tensors) {
  MlpHeadConfig head;
  head.hidden_sizes = task.hidden_sizes;
  head.layer_norm = task.layer_norm;
  head.dropout_rate = task.dropout;
  if (const auto bias = tensors.find(kDeepHead + "output.bias"); bias != tensors.end()) {
    head.final_layer_n_logits = bias->second.numel();
  }
  return head;
}

}  // namespace

NamedTensors ModelCheckpoint::weights() const {
  NamedTensors all = module_weights(*model);
  if (head) {
    for (const auto& [name, tensor] : module_weights(*head)) all[kDeepHead + name] = tensor;
  }
  return all;
}

NamedTensors ModelCheckpoint::parameters() const {
  NamedTensors all;
  for (const auto& item : model->named_parameters()) all[item.key()] = item.value();
  if (head) {
    for (const auto& item : head->named_parameters()) all[kDeepHead + item.key()] = item.value();
  }
  for (auto item = all.begin(); item != all.end();) {
    item = item->second.requires_grad() ? std::next(item) : all.erase(item);
  }
  return all;
}

void ModelCheckpoint::load(const NamedTensors& weights, const std::string& where) {
  load_tensors(this->weights(), weights, where);
}

WeightMap ModelCheckpoint::names(const std::string& kind) const {
  WeightMap map = entry->names(kind);
  const auto add = [&map](const WeightMap& more) {
    map.insert(map.end(), more.begin(), more.end());
  };
  if (head) add(head_haiku_names(kDeepHead, head_scope));
  if (adapter.name == "ia3") add(ia3_haiku_names());
  return map;
}

ModelCheckpoint assemble_model(const ModelEntry& entry, std::shared_ptr<ModelConfig> config,
                               const std::optional<MlpHeadConfig>& head,
                               const AdapterConfig& adapter) {
  ModelCheckpoint made;
  made.entry = &entry;
  config->resolve();
  made.config = std::move(config);
  made.model = entry.make(*made.config);
  made.adapter = adapter;
  made.adapter.resolve("config");
  if (!made.adapter.is_none()) attach_adapter(*made.model, made.adapter, 0);
  if (head) {
    const auto* omics_model = dynamic_cast<const OmicsModel*>(made.model.get());
    if (omics_model == nullptr) throw Error("a '{}' takes no head of its own", entry.name);
    made.head = std::make_shared<MlpHead>(omics_model->embedding_dim(), *head);
    made.head->eval();
  }
  made.model->eval();
  return made;
}

ModelCheckpoint load_model_checkpoint(const std::filesystem::path& path,
                                      const std::filesystem::path& base) {
  if (is_hugging_face_folder(path)) {
    ForeignModel foreign = read_hugging_face_folder(path);
    foreign.checkpoint.text_files = checkpoint_texts(foreign, {});
    return std::move(foreign.checkpoint);
  }
  const std::filesystem::path folder = resolve_checkpoint(path);
  CheckpointContent content = read_with_base(folder, base);
  const std::string where = (folder / "config.json").string();
  if (content.text_files.count("config.json") == 0) throw Error("{}: missing", where);
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(content.text_files.at("config.json"), nullptr, true, true);
  } catch (const nlohmann::json::exception& error) {
    throw Error("{}: not valid JSON: {}", where, error.what());
  }
  if (!json.is_object() || !json.contains("model") || !json["model"].is_object() ||
      !json["model"].contains("name") || !json["model"]["name"].is_string()) {
    throw Error("{}: no section 'model' with a 'name'", where);
  }
  const ModelEntry& entry = find_model(json["model"]["name"].get<std::string>());
  json["model"].erase("name");
  auto config = entry.make_config();
  read_json([&config](Fields& field) { config->visit(field); }, json["model"].dump(),
            where + ": model");

  const auto has = [&content](const std::string& start) {
    return std::any_of(content.model.begin(), content.model.end(),
                       [&start](const auto& item) { return starts_with(item.first, start); });
  };
  std::optional<MlpHeadConfig> head;
  if (has(kDeepHead) && !has(kShallowHead) &&
      dynamic_cast<const OmicsModelConfig*>(config.get()) != nullptr) {
    TaskConfig task;
    read_config(task, json.value("task", nlohmann::json::object()).dump(), where + ": task");
    head = head_config(task, content.model);
  } else {
    for (auto item = content.model.begin(); item != content.model.end();) {
      item = starts_with(item->first, kHead) ? content.model.erase(item) : std::next(item);
    }
  }
  AdapterConfig adapter;
  if (json.contains("adapter")) read_config(adapter, json["adapter"].dump(), where + ": adapter");
  ModelCheckpoint loaded = assemble_model(entry, config, head, adapter);
  loaded.load(content.model, checkpoint_weights(folder).string());
  loaded.text_files = std::move(content.text_files);
  return loaded;
}

}  // namespace cohesin
