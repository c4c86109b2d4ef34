#include "cohesin/run/track_checkpoint.h"

#include <torch/nn/module.h>

#include <nlohmann/json.hpp>

#include "cohesin/base/error.h"
#include "cohesin/run/track_names.h"
#include "cohesin/tasks/task_config.h"

namespace cohesin {

TrainedTracks trained_tracks(const ModelCheckpoint& checkpoint, const std::string& where) {
  TrainedTracks trained;
  const auto table = checkpoint.text_files.find("tracks.tsv");
  const auto config = checkpoint.text_files.find("config.json");
  if (table == checkpoint.text_files.end() || config == checkpoint.text_files.end()) return trained;
  const auto json = nlohmann::json::parse(config->second, nullptr, true, true);
  TaskConfig task;
  read_config(task, json.value("task", nlohmann::json::object()).dump(),
              where + ": config.json: task");
  trained.head = task.tracks.head;
  trained.window_bp = task.tracks.window_bp;
  trained.table = table->second;
  const Frame tracks = parse_track_names(table->second);
  trained.names = tracks.index;
  for (const auto& pair : tracks.at("strand_pair", where + ": tracks.tsv").text())
    trained.strand_pair.push_back(std::stoll(pair));
  return trained;
}

TrackCheckpoint load_track_checkpoint(const std::filesystem::path& path,
                                      const std::filesystem::path& base, const std::string& asked) {
  TrackCheckpoint loaded{load_model_checkpoint(path, base), nullptr, {}};
  const std::string where = path.string();
  loaded.model = std::dynamic_pointer_cast<Enformer>(loaded.checkpoint.model);
  if (!loaded.model)
    throw Error("{}: a '{}' predicts no tracks; an Enformer does", where,
                loaded.checkpoint.entry->name);
  const auto& heads = loaded.model->config().output_heads;
  if (heads.empty()) throw Error("{}: the model has no heads, so it predicts no tracks", where);
  std::vector<std::string> names;
  for (const auto& [name, tracks] : heads) names.push_back(name);
  loaded.tracks = trained_tracks(loaded.checkpoint, where);
  if (!asked.empty() && asked != loaded.tracks.head) loaded.tracks = {asked, 0, "", {}, {}};
  if (loaded.tracks.head.empty() && names.size() == 1) loaded.tracks.head = names.front();
  if (loaded.tracks.head.empty())
    throw Error("{}: the model has several heads; pass --head {}", where,
                fmt::join(names, " or --head "));
  if (heads.count(loaded.tracks.head) == 0)
    throw Error("--head {}: the model has {}", loaded.tracks.head, fmt::join(names, ", "));
  loaded.model->eval();
  return loaded;
}

}  // namespace cohesin
