#pragma once

#include <fstream>
#include <string>

// The largest resident memory of this program in GB. Not getrusage's, which a process started by a
// larger one inherits.
inline double peak_gigabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stod(line.substr(6)) / (1 << 20);
  }
  return 0;
}
