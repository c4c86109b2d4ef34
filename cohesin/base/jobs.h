#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cohesin {

// A command to run as a process of its own.
struct Job {
  std::string name;                // in log lines: "fold 1"
  std::vector<std::string> words;  // program and arguments
};

// The program that this process runs.
std::string own_program();

// Runs the commands, at most `at_once` at a time, in their order. What they write to stderr (and
// stdout) is logged line by line under their name; "warning: " and "error: " keep their level.
// Where one fails, the others are asked to stop (SIGTERM) and awaited, and its last error, or else
// its last line, is thrown as Error. A signal that CatchStopSignals notes is passed on; when all
// have put their work away Interrupted is thrown. Jobs are asked to stop, too, when this process
// dies.
void run_jobs(const std::vector<Job>& jobs, int64_t at_once);

}  // namespace cohesin
