#include "cohesin/base/run_record.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cohesin/base/clock.h"
#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/sha256.h"

namespace cohesin {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string version() { return COHESIN_VERSION; }

std::vector<std::string> command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

void RunRecord::add_input(const fs::path& path) {
  if (!fs::is_directory(path)) {
    inputs[path.string()] = sha256_file(path);
    return;
  }
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file()) inputs[entry.path().string()] = sha256_file(entry.path());
}

std::map<std::string, std::string> recorded_inputs(const fs::path& path) {
  const Json json = Json::parse(read_text(path), nullptr, false);
  if (!json.is_object() || !json.contains("inputs") || !json["inputs"].is_object())
    throw Error("{}: is no record of a run", path.string());
  std::map<std::string, std::string> inputs;
  for (const auto& [name, digest] : json["inputs"].items())
    inputs[name] = digest.is_string() ? digest.get<std::string>() : "";
  return inputs;
}

void write_run_record(const RunRecord& record, const fs::path& path) {
  Json config = Json::parse(record.config, nullptr, false);
  if (config.is_discarded()) config = record.config;
  std::map<std::string, std::string> libraries = record.libraries;
  libraries["compiler"] = __VERSION__;
  libraries["fmt"] =
      fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
  const Json json = {
      {"version", version()},
      {"command", record.command},
      {"outcome", record.outcome},
      {"start_time", record.start_time},
      {"end_time", record.outcome == "running" ? Json() : Json(utc_time())},
      {"seed", record.seed},
      {"device", record.device},
      {"precision", record.precision},
      {"threads", record.threads},
      {"libraries", libraries},
      {"inputs", record.inputs},
      {"notes", record.notes},
      {"config", config},
  };
  write_text(path, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void run_recorded(RunRecord& record, const fs::path& path, const std::function<void()>& work) {
  const auto note = [&record, &path](const char* outcome) {
    record.outcome = outcome;
    write_run_record(record, path);
  };
  note("running");
  try {
    const CatchStopSignals catch_stop_signals;
    work();
  } catch (const Interrupted&) {
    note("stopped by a signal");
    throw;
  } catch (...) {
    note("failed");
    throw;
  }
  note("finished");
}

}  // namespace cohesin
