#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "cohesin/base/run_record.h"
#include "cohesin/run/recipe.h"
#include "cohesin/train/train_loop.h"

namespace cohesin {

// Where and how a verb computes, as the command line has it.
struct RunOptions {
  std::string device = "auto";     // auto, cpu, cuda[:N]
  std::string precision = "auto";  // auto, fp32, bf16
  int64_t threads = 0;             // 0 = all
};

Precision parse_precision(const std::string& text);
// Throws Error for a device that this build or machine does not have.
void check_device(const std::string& device);

// Writes run.json as "running" into `folder`; the caller adds the inputs and writes it again at the
// end with its outcome.
RunRecord start_record(const std::filesystem::path& folder, const Recipe& recipe,
                       const RunOptions& options);

}  // namespace cohesin
