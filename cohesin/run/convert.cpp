#include "cohesin/run/convert.h"

#include <algorithm>
#include <sstream>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/run/foreign_model.h"
#include "cohesin/tensor/tensor_file.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {
namespace {

std::string names_table(const WeightBindings& bindings) {
  std::string text = "ours\ttheirs\tlayout\n";
  for (const auto& binding : bindings) {
    text += binding.ours + "\t" + binding.theirs + "\t" + binding.layout.text() + "\n";
  }
  return text;
}

WeightBindings read_names_table(const std::string& text) {
  WeightBindings bindings;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);  // header
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    WeightBinding binding;
    std::string layout;
    std::getline(fields, binding.ours, '\t');
    std::getline(fields, binding.theirs, '\t');
    std::getline(fields, layout);
    binding.layout = Layout(layout);
    bindings.push_back(std::move(binding));
  }
  return bindings;
}

}  // namespace

void convert_to_checkpoint(const ConvertOptions& options) {
  require_absent_or_force(options.out, options.force);
  ForeignModel foreign = read_foreign_model(find_model(options.model),
                                            {options.config, options.weights, options.name_map});
  CheckpointContent content;
  content.model = foreign.checkpoint.weights();
  content.text_files = checkpoint_texts(foreign, options.genes);
  content.text_files["authors_config.json"] = read_text(options.config);
  if (!options.name_map.empty()) content.text_files["names.tsv"] = names_table(foreign.bindings);
  write_checkpoint(options.out, content);
  int64_t num_parameters = 0;
  for (const auto& [name, tensor] : content.model) num_parameters += tensor.numel();
  log_info("{}: {} tensors, {} parameters", options.out.string(), content.model.size(),
           num_parameters);
  for (const auto& [key, value] : foreign.config.other_keys) {
    log_info("{}: '{}' has no meaning here; kept in authors_config.json", options.config.string(),
             key);
  }
}

void export_weights_file(const ExportOptions& options) {
  require_absent_or_force(options.out, options.force);
  const ModelCheckpoint checkpoint = load_model_checkpoint(options.checkpoint, options.base);
  if (checkpoint.adapter.name == "lora")
    throw Error(
        "{}: LoRA has no names in the authors' code; fold it into the weights first: cohesin "
        "convert --checkpoint {} --merge --out DIR",
        options.checkpoint.string(), options.checkpoint.string());
  const NamedTensors ours = checkpoint.weights();
  const auto& known = checkpoint.entry->weight_names;
  const bool has_names = std::any_of(known.begin(), known.end(), [&options](const auto& item) {
    return item.first == options.names;
  });
  // Hugging Face names that only the user's map knew are in the checkpoint.
  const auto stored = checkpoint.text_files.find("names.tsv");
  const bool use_stored =
      !has_names && options.names == "huggingface" && stored != checkpoint.text_files.end();
  const WeightBindings bindings =
      use_stored ? read_names_table(stored->second)
                 : bind_weights(checkpoint.names(options.names), tensor_names(ours));
  const NamedTensors theirs = export_weights(bindings, ours);
  write_tensors(options.out, theirs);
  log_info("{}: {} tensors, {} names", options.out.string(), theirs.size(), options.names);
}

}  // namespace cohesin
