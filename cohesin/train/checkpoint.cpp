#include "cohesin/train/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/sha256.h"
#include "cohesin/tensor/tensor_file.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifest = "manifest.json";
constexpr const char* kModel = "model.safetensors";
constexpr const char* kAdapter = "adapter.safetensors";
constexpr const char* kState = "state.safetensors";
constexpr const char* kStepPrefix = "step_";
constexpr int64_t kFormatVersion = 1;

struct FileDigest {
  std::string name;
  uint64_t size = 0;
  std::string sha256;
};

fs::path without_final_slash(const fs::path& folder) {
  return folder.has_filename() ? folder : folder.parent_path();
}

std::string manifest_text(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  nlohmann::ordered_json files;
  for (const auto& name : names) {
    files[name] = {{"size", fs::file_size(folder / name)}, {"sha256", sha256_file(folder / name)}};
  }
  const nlohmann::ordered_json manifest = {
      {"format", "cohesin checkpoint"}, {"version", kFormatVersion}, {"files", files}};
  return manifest.dump(2) + "\n";
}

std::vector<FileDigest> read_manifest(const fs::path& folder) {
  std::vector<FileDigest> digests;
  try {
    const auto manifest = nlohmann::json::parse(read_text(folder / kManifest));
    if (manifest.at("version").get<int64_t>() != kFormatVersion) {
      throw Error("{} has format version {}; this program reads version {}",
                  (folder / kManifest).string(), manifest.at("version").dump(), kFormatVersion);
    }
    for (const auto& [name, entry] : manifest.at("files").items()) {
      if (fs::path(name).filename() != name || name == "." || name == "..") {
        throw Error("{} names '{}', which is not a file of this folder",
                    (folder / kManifest).string(), name);
      }
      digests.push_back(
          {name, entry.at("size").get<uint64_t>(), entry.at("sha256").get<std::string>()});
    }
  } catch (const nlohmann::json::exception& failure) {
    throw Error("{} is no manifest of a checkpoint ({})", (folder / kManifest).string(),
                failure.what());
  }
  return digests;
}

// What is wrong with the folder, or nothing.
std::optional<std::string> find_damage(const fs::path& folder) {
  if (!fs::is_regular_file(folder / kManifest)) {
    return fmt::format("{} is missing, so it was not written to its end", kManifest);
  }
  try {
    bool has_model = false;
    for (const auto& digest : read_manifest(folder)) {
      const fs::path file = folder / digest.name;
      has_model |= digest.name == kModel || digest.name == kAdapter;
      if (!fs::is_regular_file(file)) return fmt::format("{} is missing", digest.name);
      const uint64_t size = fs::file_size(file);
      if (size != digest.size) {
        return fmt::format("{} does not match its manifest ({} bytes, expected {})", digest.name,
                           size, digest.size);
      }
      if (sha256_file(file) != digest.sha256) {
        return fmt::format("{} does not match its manifest (same size, other SHA-256)",
                           digest.name);
      }
    }
    if (!has_model) return fmt::format("its manifest names no {}", kModel);
  } catch (const Error& failure) {
    return failure.what();
  }
  return std::nullopt;
}

// The newest whole checkpoint beside a damaged one: before it if there is one, else after it.
std::string advice_beside(const fs::path& damaged) {
  const auto beside = list_checkpoints(damaged.parent_path());
  const int64_t damaged_step = checkpoint_step(damaged).value_or(-1);
  for (auto it = beside.rbegin(); it != beside.rend(); ++it) {
    if (it->first >= damaged_step || find_damage(it->second)) continue;
    return fmt::format("the checkpoint before it is whole: {}, pass that", it->second.string());
  }
  for (const auto& [step, folder] : beside) {
    if (step <= damaged_step || find_damage(folder)) continue;
    return fmt::format("a later checkpoint is whole: {}, pass that", folder.string());
  }
  return "there is no whole checkpoint beside it; copy it again or train again";
}

// Removes a half-written folder when its writing fails, so that a full disk gets its space back.
class PendingFolder {
 public:
  explicit PendingFolder(fs::path path) : path_(std::move(path)) {
    remove();
    make_folder(path_);
  }
  ~PendingFolder() { remove(); }
  PendingFolder(const PendingFolder&) = delete;
  PendingFolder& operator=(const PendingFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  void remove() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path path_;
};

// In a folder that nobody reads yet, a file need not be put in place by a rename of its own.
void write_synced(const fs::path& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw Error("cannot write {}: the disk may be full", path.string());
  sync_to_disk(path);
}

void rename_over(const fs::path& source, const fs::path& target, const fs::path& aside) {
  std::error_code failure;
  fs::remove_all(aside, failure);
  if (fs::exists(target)) fs::rename(target, aside, failure);
  if (!failure) fs::rename(source, target, failure);
  if (failure) {
    throw Error("cannot put the checkpoint {} in its place: {}", target.string(),
                failure.message());
  }
  fs::remove_all(aside, failure);
}

}  // namespace

void write_checkpoint(const fs::path& folder, const CheckpointContent& content) {
  const fs::path target = without_final_slash(folder);
  const fs::path parent = target.has_parent_path() ? target.parent_path() : fs::path(".");
  const std::string name = target.filename();
  make_folder(parent);
  const PendingFolder pending(parent / fmt::format(".{}.part", name));
  for (const auto& [file, text] : content.text_files) write_synced(pending.path() / file, text);
  write_tensors(pending.path() / (content.only_adapter ? kAdapter : kModel), content.model);
  if (!content.state.empty()) write_tensors(pending.path() / kState, content.state);
  write_synced(pending.path() / kManifest, manifest_text(pending.path()));
  sync_to_disk(pending.path());
  rename_over(pending.path(), target, parent / fmt::format(".{}.replaced", name));
  sync_to_disk(parent);
}

void verify_checkpoint(const fs::path& folder) {
  const fs::path target = without_final_slash(folder);
  if (!fs::is_directory(target)) {
    throw Error("there is no checkpoint {}; {}", target.string(), advice_beside(target));
  }
  if (const auto damage = find_damage(target)) {
    throw Error("the checkpoint {} is damaged: {}; {}", target.string(), *damage,
                advice_beside(target));
  }
}

CheckpointContent read_checkpoint(const fs::path& folder) {
  CheckpointContent content;
  content.text_files = read_checkpoint_texts(folder);
  const fs::path weights = checkpoint_weights(folder);
  content.model = read_tensors(weights);
  content.only_adapter = weights.filename() == kAdapter;
  if (fs::exists(folder / kState)) content.state = read_tensors(folder / kState);
  return content;
}

fs::path checkpoint_weights(const fs::path& folder) {
  return folder / (fs::exists(folder / kAdapter) ? kAdapter : kModel);
}

std::string weights_digest(const fs::path& folder) {
  const std::string name = checkpoint_weights(folder).filename();
  for (const auto& digest : read_manifest(folder))
    if (digest.name == name) return digest.sha256;
  throw Error("{}: names no {}", (folder / kManifest).string(), name);
}

std::map<std::string, std::string> read_checkpoint_texts(const fs::path& folder) {
  verify_checkpoint(folder);
  std::map<std::string, std::string> texts;
  for (const auto& digest : read_manifest(folder)) {
    if (digest.name == kModel || digest.name == kAdapter || digest.name == kState) continue;
    texts[digest.name] = read_text(folder / digest.name);
  }
  return texts;
}

std::optional<fs::path> named_checkpoint(const fs::path& run_folder, const std::string& name) {
  if (!fs::is_regular_file(run_folder / name)) return std::nullopt;
  std::string text = read_text(run_folder / name);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (!checkpoint_step(text)) {
    throw Error("{}: expected the name of a checkpoint such as 'step_00000012', found '{}'",
                (run_folder / name).string(), text);
  }
  return run_folder / "checkpoints" / text;
}

fs::path resolve_checkpoint(const fs::path& path) {
  if (!fs::is_directory(path)) {
    throw Error("{}: there is no such folder; pass a run folder or one of its checkpoints",
                path.string());
  }
  if (fs::exists(path / kManifest) || fs::exists(path / kModel)) return path;
  for (const char* name : {"best", "latest"}) {
    if (const auto checkpoint = named_checkpoint(path, name)) return *checkpoint;
  }
  throw Error(
      "{} is no checkpoint (no {}) and no run folder with one (no text file 'best' or 'latest'); "
      "pass the --out folder of a training, or a folder checkpoints/step_... in it",
      path.string(), kManifest);
}

std::string checkpoint_name(int64_t step) { return fmt::format("{}{:08}", kStepPrefix, step); }

std::optional<int64_t> checkpoint_step(const fs::path& folder) {
  const std::string name = without_final_slash(folder).filename();
  const std::string_view prefix = kStepPrefix;
  if (name.size() < prefix.size() + 8 || name.rfind(prefix, 0) != 0) return std::nullopt;
  int64_t step = 0;
  const char* end = name.data() + name.size();
  const auto [stop, failure] = std::from_chars(name.data() + prefix.size(), end, step);
  if (failure != std::errc() || stop != end || step < 0) return std::nullopt;
  return step;
}

std::map<int64_t, fs::path> list_checkpoints(const fs::path& folder) {
  std::map<int64_t, fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto step = checkpoint_step(entry.path());
    if (step && entry.is_directory(ignored)) found[*step] = entry.path();
  }
  return found;
}

}  // namespace cohesin
