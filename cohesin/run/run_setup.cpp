#include "cohesin/run/run_setup.h"

#include <ATen/Parallel.h>
#include <torch/version.h>

#include "cohesin/train/checkpoint.h"

namespace cohesin {

Precision parse_precision(const std::string& text) {
  return text == "bf16" ? Precision::bf16 : Precision::fp32;
}

std::filesystem::path weights_of_start(const std::filesystem::path& init) {
  return init.empty() ? init : checkpoint_weights(resolve_checkpoint(init));
}

RunRecord record_of(const Recipe& recipe, const RunOptions& options,
                    const std::vector<std::filesystem::path>& inputs) {
  RunRecord record;
  Recipe copy = recipe;
  record.config = write_json([&copy](Fields& field) { copy.visit(field); });
  record.seed = static_cast<uint64_t>(recipe.train.seed);
  record.device = "cpu";
  record.precision = options.precision == "bf16" ? "bf16" : "fp32";
  record.threads = at::get_num_threads();
  record.libraries["libtorch"] = TORCH_VERSION;
  record.notes.emplace_back("sums in matrix products may depend on the number of threads");
  for (const auto& input : inputs)
    if (!input.empty()) record.add_input(input);
  return record;
}

}  // namespace cohesin
