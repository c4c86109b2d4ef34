#include "cohesin/train/run_folder.h"

#include <string>
#include <utility>
#include <vector>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBest = "best";
constexpr const char* kLatest = "latest";

// Leaves a file that says the same already as it is.
void write_name(const fs::path& path, int64_t step) {
  const std::string text = checkpoint_name(step) + "\n";
  if (!fs::exists(path) || read_text(path) != text) write_text(path, text);
}

}  // namespace

RunFolder::RunFolder(fs::path folder, int64_t keep_last)
    : folder_(std::move(folder)), checkpoints_(folder_ / "checkpoints"), keep_last_(keep_last) {
  make_folder(checkpoints_);
}

fs::path RunFolder::checkpoint(int64_t step) const { return checkpoints_ / checkpoint_name(step); }

bool RunFolder::has_checkpoints() const { return !list_checkpoints(checkpoints_).empty(); }

void RunFolder::clear() {
  // `latest` and `best` go first: they must never name what is gone.
  for (const char* name : {kLatest, kBest, "log.jsonl", "tensorboard", "checkpoints"}) {
    std::error_code failure;
    fs::remove_all(folder_ / name, failure);
    if (failure) {
      throw Error("cannot remove {}: {}", (folder_ / name).string(), failure.message());
    }
  }
  make_folder(checkpoints_);
}

fs::path RunFolder::resume_point() const {
  const auto all = list_checkpoints(checkpoints_);
  if (all.empty()) {
    throw Error("{} holds no checkpoint to resume from; train without --resume to start",
                folder_.string());
  }
  fs::path point = all.rbegin()->second;
  const auto latest = named_checkpoint(folder_, kLatest);
  if (latest && fs::exists(*latest)) point = *latest;
  try {
    verify_checkpoint(point);
  } catch (const Error& damage) {
    throw Error("{}; to resume from a checkpoint before it, remove the folder {} and try again",
                damage.what(), point.string());
  }
  return point;
}

void RunFolder::remove_leftovers() const {
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::directory_iterator(checkpoints_)) {
    if (entry.path().filename().string().rfind(".step_", 0) == 0) leftovers.push_back(entry.path());
  }
  for (const auto& path : leftovers) fs::remove_all(path);
}

void RunFolder::write(int64_t step, const CheckpointContent& content) const {
  write_checkpoint(checkpoint(step), content);
}

void RunFolder::point_to(std::optional<int64_t> best, int64_t latest) const {
  if (best) write_name(folder_ / kBest, *best);
  write_name(folder_ / kLatest, latest);

  const auto all = list_checkpoints(checkpoints_);
  int64_t num_kept = 0;
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    const auto& [step, path] = *it;
    if (step > latest) continue;  // of a training that was resumed from an earlier one
    if (++num_kept <= keep_last_ || step == best) continue;
    // Renamed first, so that a half-deleted folder never has the name of a checkpoint.
    const fs::path doomed = checkpoints_ / fmt::format(".{}.deleted", checkpoint_name(step));
    fs::rename(path, doomed);
    fs::remove_all(doomed);
  }
}

}  // namespace cohesin
