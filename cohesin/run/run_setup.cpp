#include "cohesin/run/run_setup.h"

#include <ATen/Parallel.h>
#include <torch/version.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "cohesin/base/file.h"
#include "cohesin/models/model.h"
#include "cohesin/models/model_registry.h"
#include "cohesin/run/foreign_model.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {

Precision parse_precision(const std::string& text) {
  return text == "bf16" ? Precision::bf16 : Precision::fp32;
}

Recipe read_recipe_for(const std::filesystem::path& path, std::vector<std::string> assignments,
                       const std::filesystem::path& init) {
  if (!init.empty()) {
    const auto folder = is_hugging_face_folder(init) ? init : resolve_checkpoint(init);
    const auto json =
        nlohmann::json::parse(read_text(folder / "config.json"), nullptr, false, true);
    const ModelEntry* entry = recognise_model(json.dump());
    if (json.is_object() && json.contains("model") && json["model"].contains("name"))
      entry = &find_model(json["model"]["name"].get<std::string>());
    if (entry != nullptr &&
        std::dynamic_pointer_cast<OmicsModelConfig>(entry->make_config()) == nullptr)
      assignments.insert(assignments.begin(), "model.name=" + entry->name);
  }
  return read_recipe(path, assignments);
}

std::filesystem::path weights_of_start(const std::filesystem::path& init) {
  if (init.empty()) return init;
  if (is_hugging_face_folder(init)) return init / "config.json";
  return checkpoint_weights(resolve_checkpoint(init));
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
