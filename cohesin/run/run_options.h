#pragma once

#include <cstdint>
#include <string>

namespace cohesin {

// Where and how a verb computes, as the command line has it.
struct RunOptions {
  std::string device = "auto";     // auto, cpu, cuda[:N]
  std::string precision = "auto";  // auto, fp32, bf16
  int64_t threads = 0;             // 0 = all
};

// Throws Error for a device that this build or machine does not have.
void check_device(const std::string& device);

}  // namespace cohesin
