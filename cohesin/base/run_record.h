#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cohesin/base/clock.h"

namespace cohesin {

// The version of this library: "0.1.0".
std::string version();

// The words this process was started with; empty where the system does not tell.
std::vector<std::string> command_line();

// What a run needs to be understood and repeated: written as run.json beside its results. All that
// is volatile (time, command, versions) stands here and nowhere else; no host or user name.
struct RunRecord {
  std::vector<std::string> command = command_line();
  std::string config;                         // JSON text
  std::map<std::string, std::string> inputs;  // path -> SHA-256; see add_input
  uint64_t seed = 0;
  std::string device, precision;
  int64_t threads = 0;
  std::map<std::string, std::string> libraries;  // name -> version, besides those of this library
  std::string start_time = utc_time();
  std::string outcome = "running";  // running, finished, failed, stopped by a signal
  std::vector<std::string> notes;   // what else a reader must know

  // Digests a file, or each file below a folder. Throws Error that names the path.
  void add_input(const std::filesystem::path& path);
};

// The digests of an earlier run, path -> SHA-256. Throws Error for a file that is no run.json.
std::map<std::string, std::string> recorded_inputs(const std::filesystem::path& path);

// Call it at the start and, with another outcome, at the end; replaces the file as a whole.
// `end_time` is now, or null while running.
void write_run_record(const RunRecord& record, const std::filesystem::path& path);

// Does `work` between two such records: running before it, and after it finished, failed or stopped
// by a signal. Signals are caught meanwhile: `work` looks at stop_requested at good moments.
void run_recorded(RunRecord& record, const std::filesystem::path& path,
                  const std::function<void()>& work);

}  // namespace cohesin
