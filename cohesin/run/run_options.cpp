#include "cohesin/run/run_options.h"

#include <ATen/Parallel.h>
#include <torch/version.h>

#include "cohesin/base/error.h"

namespace cohesin {

Precision parse_precision(const std::string& text) {
  return text == "bf16" ? Precision::bf16 : Precision::fp32;
}

void check_device(const std::string& device) {
  if (device == "auto" || device == "cpu") return;
  if (device.rfind("cuda", 0) == 0)
    throw Error("--device {}: this build has no CUDA; use --device cpu", device);
  throw Error("--device {}: expected auto, cpu, cuda or cuda:N", device);
}

RunRecord start_record(const std::filesystem::path& folder, const Recipe& recipe,
                       const RunOptions& options) {
  RunRecord record;
  Recipe copy = recipe;
  record.config = write_json([&copy](Fields& field) { copy.visit(field); });
  record.seed = static_cast<uint64_t>(recipe.train.seed);
  record.device = "cpu";
  record.precision = options.precision == "bf16" ? "bf16" : "fp32";
  record.threads = at::get_num_threads();
  record.libraries["libtorch"] = TORCH_VERSION;
  record.notes.emplace_back("sums in matrix products may depend on the number of threads");
  write_run_record(record, folder / "run.json");
  return record;
}

}  // namespace cohesin
