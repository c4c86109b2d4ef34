#include "cohesin/train/training_log.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"

namespace cohesin {
namespace {

// The lines of earlier steps; a line that was cut short is dropped like later ones.
std::string lines_up_to(const std::filesystem::path& path, int64_t step) {
  std::string kept;
  std::istringstream lines(read_text(path));
  for (std::string line; std::getline(lines, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object() || !entry.contains("step") || !entry["step"].is_number_integer()) break;
    if (entry["step"].get<int64_t>() > step) break;
    kept += line + '\n';
  }
  return kept;
}

}  // namespace

TrainingLog::TrainingLog(const std::filesystem::path& folder, int64_t steps_done)
    : path_(folder / "log.jsonl"),
      events_(folder / "tensorboard", steps_done > 0 ? steps_done + 1 : 0) {
  const bool resumed = steps_done > 0 && std::filesystem::exists(path_);
  write_text(path_, resumed ? lines_up_to(path_, steps_done) : "");
  stream_.open(path_, std::ios::binary | std::ios::app);
}

void TrainingLog::add(const LogLine& line) {
  nlohmann::ordered_json entry = {{"line", line.whole_epoch ? "epoch" : "step"},
                                  {"step", line.step},
                                  {"epoch", line.epoch},
                                  {"train_loss", line.train_loss},
                                  {"learning_rate", line.learning_rate},
                                  {"gradient_norm", line.gradient_norm}};
  std::map<std::string, double> scalars = {{"learning_rate", line.learning_rate},
                                           {"gradient_norm", line.gradient_norm}};
  scalars[line.whole_epoch ? "train_loss" : "train_loss_step"] = line.train_loss;
  if (line.validation) {
    entry["validation_score"] = line.validation->score;
    scalars["validation/score"] = line.validation->score;
    for (const auto& [name, value] : line.validation->metrics) {
      entry["validation_" + name] = value;
      scalars["validation/" + name] = value;
    }
  }
  entry["seconds"] = line.seconds;
  entry["samples_per_second"] = line.samples_per_second;
  stream_ << entry.dump() + "\n" << std::flush;
  if (!stream_) throw Error("cannot write {}: the disk may be full", path_.string());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  events_.add(line.step, std::chrono::duration<double>(now).count(), scalars);
}

}  // namespace cohesin
