#include "cohesin/base/run_record.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cohesin/base/clock.h"
#include "cohesin/base/file.h"
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

}  // namespace cohesin
