#include "cohesin/run/adapter_base.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/nn/adapter.h"
#include "cohesin/run/foreign_model.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kBaseFile = "base.json";
constexpr const char* kConfigFile = "config.json";

// Of a base, its head stays there: the adapter's checkpoint has its own.
bool is_of_head(const std::string& name) {
  return name.rfind("head.", 0) == 0 || name.rfind("head_", 0) == 0;
}

std::string model_name(const CheckpointContent& content, const fs::path& folder) {
  const auto found = content.text_files.find(kConfigFile);
  const std::string where = (folder / kConfigFile).string();
  if (found == content.text_files.end()) throw Error("{}: missing", where);
  try {
    return Json::parse(found->second, nullptr, true, true).at("model").at("name");
  } catch (const nlohmann::json::exception& failure) {
    throw Error("{}: no section 'model' with a 'name' ({})", where, failure.what());
  }
}

std::string digest_of(const fs::path& folder) {
  return is_hugging_face_folder(folder) ? foreign_weights_digest(folder) : weights_digest(folder);
}

// The model's name and weights.
std::pair<std::string, NamedTensors> read_base(const fs::path& folder) {
  if (is_hugging_face_folder(folder)) {
    const ForeignModel foreign = read_hugging_face_folder(folder);
    return {foreign.checkpoint.entry->name, foreign.checkpoint.weights()};
  }
  CheckpointContent content = read_checkpoint(folder);
  std::string name = model_name(content, folder);
  return {std::move(name), std::move(content.model)};
}

fs::path find_base(const fs::path& folder, const AdapterBase& base, const fs::path& given) {
  if (!given.empty()) return is_hugging_face_folder(given) ? given : resolve_checkpoint(given);
  const fs::path path = (folder / base.path).lexically_normal();
  if (fs::is_directory(path)) return path;
  throw Error(
      "{} is an adapter on a '{}' that was in {}, where nothing is now; pass --base DIR with that "
      "checkpoint",
      folder.string(), base.model, path.string());
}

}  // namespace

void AdapterBase::visit(Fields& field) {
  field("model", model);
  field("path", path);
  field("sha256", sha256);
  field("num_parameters", num_parameters);
}

std::string adapter_base_text(const fs::path& base, const std::string& model,
                              int64_t num_parameters, const fs::path& run_folder,
                              const fs::path& root) {
  const fs::path path = fs::weakly_canonical(base), top = fs::weakly_canonical(root);
  const fs::path in_root = path.lexically_relative(top);
  const bool is_inside = !in_root.empty() && *in_root.begin() != "..";
  const fs::path step = fs::weakly_canonical(run_folder) / "checkpoints" / checkpoint_name(0);
  return write_config(AdapterBase{model,
                                  (is_inside ? path.lexically_relative(step) : path).string(),
                                  digest_of(base), num_parameters});
}

CheckpointContent read_with_base(const fs::path& folder, const fs::path& given) {
  CheckpointContent content = read_checkpoint(folder);
  const auto text = content.text_files.find(kBaseFile);
  if (text == content.text_files.end()) {
    if (!given.empty()) throw Error("{} is no adapter and needs no --base", folder.string());
    return content;
  }
  AdapterBase base;
  read_config(base, text->second, (folder / kBaseFile).string());
  const fs::path path = find_base(folder, base, given);
  const auto [found, below] = read_base(path);
  if (found != base.model)
    throw Error("{} is an adapter for the '{}' in {}; {} is a '{}'", folder.string(), base.model,
                base.path, path.string(), found);
  if (digest_of(path) != base.sha256)
    throw Error(
        "{} is an adapter for other weights than those of {} (SHA-256 {}, expected {}): another "
        "'{}', or it was trained since; pass --base DIR with the checkpoint it was made on",
        folder.string(), path.string(), digest_of(path), base.sha256, base.model);
  for (const auto& [name, tensor] : below)
    if (!is_of_head(name)) content.model.emplace(name, tensor);
  return content;
}

void merge_checkpoint(const fs::path& checkpoint, const fs::path& base, const fs::path& out,
                      bool force) {
  require_absent_or_force(out, force);
  const fs::path folder = resolve_checkpoint(checkpoint);
  CheckpointContent content = read_with_base(folder, base);
  model_name(content, folder);  // or an Error that says what is wrong with it
  const std::string where = (folder / kConfigFile).string();
  Json config = Json::parse(content.text_files.at(kConfigFile), nullptr, true, true);
  AdapterConfig adapter;
  if (config.contains("adapter")) read_config(adapter, config["adapter"].dump(), where);
  if (adapter.is_none()) throw Error("{}: has no adapter to merge", folder.string());
  adapter.resolve(where);
  merge_adapter(content.model, adapter);
  config.erase("adapter");
  content.text_files[kConfigFile] = config.dump(2) + "\n";
  content.text_files.erase(kBaseFile);
  content.state.clear();
  content.only_adapter = false;
  write_checkpoint(out, content);
  log_info("{}: {} of {} folded into the weights", out.string(), adapter.name, folder.string());
}

}  // namespace cohesin
