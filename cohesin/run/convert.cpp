#include "cohesin/run/convert.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/base/sha256.h"
#include "cohesin/encode/gene_axis.h"
#include "cohesin/run/foreign_config.h"
#include "cohesin/run/model_checkpoint.h"
#include "cohesin/tasks/task_config.h"
#include "cohesin/tensor/tensor_file.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> names_of(const NamedTensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

// The known naming that most of the file's tensors follow.
WeightBindings recognise_names(const ModelCheckpoint& made, const NamedTensors& theirs,
                               const std::string& where) {
  WeightBindings best;
  std::string best_kind;
  size_t most = 0;
  for (const auto& [kind, map] : made.entry->weight_names) {
    WeightBindings bindings = bind_weights(made.names(kind), names_of(made.weights()));
    size_t hits = 0;
    for (const auto& binding : bindings) hits += theirs.count(binding.theirs);
    if (hits <= most) continue;
    most = hits;
    best = std::move(bindings);
    best_kind = kind;
  }
  if (most == 0) {
    throw Error(
        "{}: none of its {} tensors has a name that is known for '{}' (first: '{}'); pass "
        "--name-map FILE with lines REGEX<TAB>OUR NAME<TAB>LAYOUT",
        where, theirs.size(), made.entry->name, theirs.empty() ? "" : theirs.begin()->first);
  }
  log_info("{}: {} names", where, best_kind);
  return best;
}

// Weights are kept in fp32; only from F32 does an export give the same bits.
void report_other_dtypes(const NamedTensors& theirs, const std::string& where) {
  const auto other = std::find_if(theirs.begin(), theirs.end(), [](const auto& item) {
    return item.second.scalar_type() != at::kFloat;
  });
  if (other == theirs.end()) return;
  log_warning("{}: not all tensors are F32 (first: '{}'); they are kept as F32, and so exported",
              where, other->first);
}

// One line a reason: how many tensors it holds for, and the first.
void report_notes(const std::vector<ForeignNote>& notes, const std::string& where) {
  std::map<std::string, std::vector<std::string>> names;
  for (const auto& note : notes) names[note.why].push_back(note.name);
  for (const auto& [why, tensors] : names)
    log_info("{}: {} tensors without a part here (first: '{}'): {}", where, tensors.size(),
             tensors.front(), why);
}

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

// features.tsv of a published gene list, whose digest is held against the published one.
std::string features_table(const std::filesystem::path& path, const ModelEntry& entry,
                           const OmicsModel& model) {
  const std::string text = read_text(path);
  std::vector<std::string> genes;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) genes.push_back(line);
  }
  if (static_cast<int64_t>(genes.size()) != model.num_genes()) {
    throw Error("{}: {} genes, the model has {}; the order and number must be the published ones",
                path.string(), genes.size(), model.num_genes());
  }
  if (const std::set<std::string> distinct(genes.begin(), genes.end());
      distinct.size() != genes.size()) {
    throw Error("{}: {} genes stand more than once", path.string(), genes.size() - distinct.size());
  }
  if (sha256(text) != entry.gene_list_sha256) {
    log_warning("{}: not the gene list published for '{}' (SHA-256 {}, published {})",
                path.string(), entry.name, sha256(text), entry.gene_list_sha256);
  }
  return write_features(published_gene_axis(genes, model.omics()));
}

// The task section of a converted checkpoint; the classes of a published head have numbers.
TaskConfig converted_task(const std::optional<MlpHeadConfig>& head) {
  TaskConfig task;
  if (!head) return task;
  task.name = "classification";
  task.hidden_sizes = head->hidden_sizes;
  task.layer_norm = head->layer_norm;
  task.dropout = head->dropout_rate;
  for (int64_t k = 0; k < head->final_layer_n_logits; ++k) {
    task.classes.push_back(std::to_string(k));
  }
  return task;
}

template <typename Config>
Json section(const Config& config) {
  return Json::parse(write_config(config));
}

std::map<std::string, std::string> text_files(const ConvertOptions& options,
                                              const ModelCheckpoint& made, ForeignConfig& foreign) {
  std::map<std::string, std::string> files;
  Json config;
  config["model"]["name"] = made.entry->name;
  config["model"].update(
      Json::parse(write_json([&made](Fields& field) { made.config->visit(field); })));
  if (const auto* model = dynamic_cast<const OmicsModel*>(made.model.get())) {
    std::map<std::string, ValueTokenizer> tokenizers;
    for (const auto& [omic, tokenizer] : published_tokenizers(*model, foreign)) {
      config["tokenizers"][omic] = section(tokenizer);
      tokenizers.emplace(omic, ValueTokenizer(tokenizer));
    }
    files["tokenizers.json"] = write_tokenizers(tokenizers);
    config["task"] = section(converted_task(foreign.head));
    if (!options.genes.empty()) {
      files["features.tsv"] = features_table(options.genes, *made.entry, *model);
    }
  } else if (!options.genes.empty()) {
    throw Error("--genes: '{}' has no gene axis", made.entry->name);
  }
  if (!made.adapter.is_none()) config["adapter"] = section(made.adapter);
  files["config.json"] = config.dump(2) + "\n";
  files["authors_config.json"] = read_text(options.config);
  return files;
}

}  // namespace

void convert_to_checkpoint(const ConvertOptions& options) {
  require_absent_or_force(options.out, options.force);
  const ModelEntry& entry = find_model(options.model);
  ForeignConfig foreign =
      read_foreign_config(entry, read_text(options.config), options.config.string());
  NamedTensors theirs = read_tensors(options.weights);
  report_other_dtypes(theirs, options.weights.string());
  report_notes(foreign.model->tidy_foreign(theirs, options.weights.string()),
               options.weights.string());
  foreign.model->infer(shapes_of(theirs));
  AdapterConfig adapter;
  adapter.name = foreign.adapter;
  ModelCheckpoint made = assemble_model(entry, foreign.model, foreign.head, adapter);
  const std::string where = options.weights.string();
  const WeightBindings bindings =
      options.name_map.empty() ? recognise_names(made, theirs, where)
                               : bind_by_name_map(read_text(options.name_map),
                                                  options.name_map.string(), names_of(theirs));
  const NamedTensors ours = import_weights(bindings, theirs, shapes_of(made.weights()), where);
  made.load(ours, where);

  CheckpointContent content;
  content.model = made.weights();
  content.text_files = text_files(options, made, foreign);
  if (!options.name_map.empty()) content.text_files["names.tsv"] = names_table(bindings);
  write_checkpoint(options.out, content);
  int64_t num_parameters = 0;
  for (const auto& [name, tensor] : ours) num_parameters += tensor.numel();
  log_info("{}: {} tensors, {} parameters", options.out.string(), ours.size(), num_parameters);
  for (const auto& [key, value] : foreign.other_keys) {
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
                 : bind_weights(checkpoint.names(options.names), names_of(ours));
  const NamedTensors theirs = export_weights(bindings, ours);
  write_tensors(options.out, theirs);
  log_info("{}: {} tensors, {} names", options.out.string(), theirs.size(), options.names);
}

}  // namespace cohesin
