#include "cohesin/io/sharded_safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/fields.h"
#include "cohesin/base/file.h"
#include "cohesin/io/foreign_weights.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kWhole = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

struct Index {
  std::map<std::string, std::string> file_of;  // by tensor
  std::optional<uint64_t> total_size;
};

// A shard lies in the folder of its index: a name that leads elsewhere reads what nobody chose.
void require_inside(const std::string& file, const std::string& tensor, const fs::path& index) {
  const fs::path path(file);
  const bool leads_out = std::find(path.begin(), path.end(), "..") != path.end();
  if (file.empty() || path.is_absolute() || leads_out)
    throw Error("{}: tensor '{}' is said to be in '{}', which is not inside the index's folder",
                index.string(), tensor, file);
}

// JSON whose objects name nothing twice; of such names a parser would take the last.
Json parse_unambiguous(const std::string& text, const fs::path& path) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  return Json::parse(text, [&](int /*depth*/, Json::parse_event_t event, const Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
      throw Error("{}: names '{}' twice; is it the index of one model?", path.string(),
                  parsed.get<std::string>());
    return true;
  });
}

Index read_index(const fs::path& path) {
  Index index;
  Json json;
  try {
    json = parse_unambiguous(read_text(path), path);
  } catch (const Json::exception& error) {
    throw Error("{}: is no valid JSON ({}); expected an index of shards", path.string(),
                error.what());
  }
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object())
    throw Error("{}: has no object 'weight_map'; expected an index of shards", path.string());
  for (const auto& [tensor, file] : json["weight_map"].items()) {
    if (!file.is_string())
      throw Error("{}: weight_map: '{}' is no file name", path.string(), tensor);
    require_inside(file.get<std::string>(), tensor, path);
    index.file_of[tensor] = file.get<std::string>();
  }
  if (index.file_of.empty()) throw Error("{}: its weight_map names no tensor", path.string());
  const Json metadata = json.value("metadata", Json::object());
  if (metadata.is_object() && metadata.contains("total_size") &&
      metadata["total_size"].is_number_unsigned())
    index.total_size = metadata["total_size"].get<uint64_t>();
  return index;
}

// Opens the shards and files their tensors; a tensor in two shards is an error.
void open_shards(const fs::path& path, const Index& index, WeightFiles& weights) {
  std::map<std::string, size_t> shard_of;  // by file name, in order
  for (const auto& [tensor, file] : index.file_of) shard_of.emplace(file, 0);
  for (const auto& [file, shard] : shard_of)
    if (!fs::exists(path.parent_path() / file))
      throw Error("{}: the shard '{}' is missing beside it; fetch it from where the index is from",
                  path.string(), file);
  for (auto& [file, shard] : shard_of) {
    const fs::path shard_path = path.parent_path() / file;
    shard = weights.files.size();
    weights.paths.push_back(shard_path);
    weights.files.push_back(SafetensorsFile::open(shard_path));
    for (const auto& tensor : weights.files.back().names()) {
      const auto named = index.file_of.find(tensor);
      if (named == index.file_of.end())
        throw Error("{}: holds the tensor '{}', which the index {} does not name",
                    shard_path.string(), tensor, path.filename().string());
      if (named->second != file)
        throw Error("{}: holds the tensor '{}', which the index {} says is in '{}'",
                    shard_path.string(), tensor, path.filename().string(), named->second);
      weights.file_of[tensor] = shard;
    }
  }
  for (const auto& [tensor, file] : index.file_of)
    if (weights.file_of.count(tensor) == 0)
      throw Error("{}: says that the tensor '{}' is in '{}', but it is not", path.string(), tensor,
                  file);
}

WeightFiles open_index(const fs::path& path) {
  const Index index = read_index(path);
  WeightFiles weights;
  open_shards(path, index, weights);
  uint64_t bytes = 0;
  for (const auto& file : weights.files)
    for (const auto& tensor : file.names()) bytes += file.at(tensor).data.size();
  if (index.total_size && *index.total_size != bytes)
    weights.warnings.push_back(fmt::format(
        "{}: its total_size is {}, but the tensors have {} bytes; all that it names are "
        "there",
        path.string(), *index.total_size, bytes));
  return weights;
}

WeightFiles open_whole(const fs::path& path) {
  WeightFiles weights;
  weights.paths.push_back(path);
  weights.files.push_back(SafetensorsFile::open(path));
  for (const auto& tensor : weights.files.front().names()) weights.file_of[tensor] = 0;
  return weights;
}

[[noreturn]] void fail_on_folder(const fs::path& folder) {
  for (const char* pickle : {"pytorch_model.bin", "pytorch_model.bin.index.json"})
    if (fs::exists(folder / pickle))
      throw Error(
          "{}: has no {}, only PyTorch pickles, which are never read here; make safetensors of "
          "them once, with a Python that has PyTorch:\n  {}",
          folder.string(), kWhole,
          fmt::format("python3 tools/pickle_to_safetensors.py '{}' '{}'",
                      (folder / pickle).string(), (folder / kWhole).string()));
  throw Error("{}: has neither {} nor {}", folder.string(), kWhole, kIndex);
}

}  // namespace

const TensorView& WeightFiles::at(const std::string& name) const {
  if (const auto found = file_of.find(name); found != file_of.end())
    return files[found->second].at(name);
  std::vector<std::string> names;
  for (const auto& [tensor, file] : file_of) names.push_back(tensor);
  const std::string nearest = nearest_name(name, names);
  throw Error("{}: has no tensor '{}'{}", paths.front().string(), name,
              nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest));
}

WeightFiles open_weight_files(const fs::path& path) {
  if (!fs::is_directory(path))
    return path.extension() == ".json" ? open_index(path) : open_whole(path);
  const bool has_whole = fs::exists(path / kWhole), has_index = fs::exists(path / kIndex);
  if (!has_whole && !has_index) fail_on_folder(path);
  if (!has_whole) return open_index(path / kIndex);
  WeightFiles weights = open_whole(path / kWhole);
  if (has_index)
    weights.warnings.push_back(
        fmt::format("{}: has {} and {}; the first is read", path.string(), kWhole, kIndex));
  return weights;
}

}  // namespace cohesin
