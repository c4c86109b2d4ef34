#include "cohesin/run/foreign_model.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/base/sha256.h"
#include "cohesin/encode/gene_axis.h"
#include "cohesin/encode/sequence_tokenizer.h"
#include "cohesin/io/sharded_safetensors.h"
#include "cohesin/tasks/task_config.h"
#include "cohesin/tensor/tensor_file.h"

namespace cohesin {
namespace {

using Json = nlohmann::ordered_json;

// The known naming that most of the file's tensors follow, of those that name every parameter.
WeightBindings recognise_names(const ModelCheckpoint& made, const NamedTensors& theirs,
                               const std::string& where) {
  WeightBindings best;
  std::string best_kind;
  size_t most = 0;
  for (const auto& [kind, map] : made.entry->weight_names) {
    std::vector<std::string> uncovered;
    WeightBindings bindings =
        bind_weights(made.names(kind), tensor_names(made.weights()), &uncovered);
    if (!uncovered.empty()) continue;
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
    return at::isFloatingType(item.second.scalar_type()) && item.second.scalar_type() != at::kFloat;
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
    log_info("{}: {} of its tensors without a part here (first: '{}'): {}", where, tensors.size(),
             tensors.front(), why);
}

NamedTensors read_foreign_tensors(const std::filesystem::path& path) {
  const WeightFiles files = open_weight_files(path);
  for (const auto& warning : files.warnings) log_warning("{}", warning);
  NamedTensors tensors;
  for (size_t i = 0; i < files.files.size(); ++i)
    tensors.merge(to_tensors(files.files[i], files.paths[i].string()));
  return tensors;
}

// The words of a folder's vocabulary file against the tokenizer's.
void check_vocabulary(const std::filesystem::path& folder, const SequenceModel& model) {
  const std::filesystem::path path = folder / "vocab.txt";
  if (!std::filesystem::is_regular_file(path)) return;
  SequenceTokenizer(tokenizer_for_vocabulary(model.tokenizer(), model.vocab_size()))
      .vocabulary()
      .require_same(read_text(path), path.string());
}

void require_numbers(const NamedTensors& tensors, const std::string& where) {
  for (const auto& [name, tensor] : tensors) {
    if (!at::isFloatingType(tensor.scalar_type())) continue;
    const int64_t bad = tensor.numel() - at::isfinite(tensor).sum().item<int64_t>();
    if (bad > 0)
      throw Error("{}: '{}' holds {} values that are no numbers (NaN or infinite)", where, name,
                  bad);
  }
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

}  // namespace

ForeignModel read_foreign_model(const ModelEntry& entry, const ForeignFiles& files) {
  const std::string where = files.weights.string();
  ForeignModel foreign;
  foreign.config = read_foreign_config(entry, read_text(files.config), files.config.string());
  NamedTensors theirs = read_foreign_tensors(files.weights);
  report_notes(foreign.config.model->tidy_foreign(theirs, where), where);
  report_other_dtypes(theirs, where);
  require_numbers(theirs, where);
  foreign.config.model->infer(shapes_of(theirs));
  AdapterConfig adapter;
  adapter.name = foreign.config.adapter;
  foreign.checkpoint = assemble_model(entry, foreign.config.model, foreign.config.head, adapter);
  ModelCheckpoint& made = foreign.checkpoint;
  foreign.bindings = files.name_map.empty()
                         ? recognise_names(made, theirs, where)
                         : bind_by_name_map(read_text(files.name_map), files.name_map.string(),
                                            tensor_names(theirs));
  const NamedTensors ours =
      import_weights(foreign.bindings, theirs, shapes_of(made.weights()), where);
  made.load(ours, where);
  return foreign;
}

bool is_hugging_face_folder(const std::filesystem::path& folder) {
  if (!std::filesystem::is_regular_file(folder / "config.json")) return false;
  const Json json = Json::parse(read_text(folder / "config.json"), nullptr, false, true);
  return json.is_object() && json.contains("model_type") && !json.contains("model");
}

ForeignModel read_hugging_face_folder(const std::filesystem::path& folder) {
  const std::filesystem::path config = folder / "config.json";
  const ModelEntry* entry = recognise_model(read_text(config));
  if (entry == nullptr)
    throw Error("{}: no model here reads this config; known are {}", config.string(),
                fmt::join(model_names(), ", "));
  ForeignModel foreign = read_foreign_model(*entry, {config, folder, {}});
  if (const auto* model = dynamic_cast<const SequenceModel*>(foreign.checkpoint.model.get()))
    check_vocabulary(folder, *model);
  std::string keys;
  for (const auto& [key, value] : foreign.config.other_keys)
    keys += (keys.empty() ? "" : ", ") + key;
  log_info("{}: {} by its config; keys without meaning here: {}", folder.string(), entry->name,
           keys.empty() ? "none" : keys);
  return foreign;
}

std::string foreign_weights_digest(const std::filesystem::path& folder) {
  constexpr int64_t kEndBytes = 1 << 20;
  Sha256 sum;
  sum.update(read_text(folder / "config.json"));
  for (const auto& path : open_weight_files(folder).paths) {
    const auto size = static_cast<int64_t>(std::filesystem::file_size(path));
    sum.update(fmt::format("{} {}", path.filename().string(), size));
    std::ifstream stream(path, std::ios::binary);
    std::string bytes(static_cast<size_t>(std::min(size, kEndBytes)), '\0');
    for (const int64_t begin : {int64_t{0}, size - static_cast<int64_t>(bytes.size())}) {
      stream.seekg(begin);
      stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      sum.update(bytes);
    }
  }
  return sum.finish();
}

std::map<std::string, std::string> checkpoint_texts(ForeignModel& model,
                                                    const std::filesystem::path& genes) {
  const ModelCheckpoint& made = model.checkpoint;
  ForeignConfig& foreign = model.config;
  std::map<std::string, std::string> files;
  Json config;
  config["model"]["name"] = made.entry->name;
  config["model"].update(
      Json::parse(write_json([&made](Fields& field) { made.config->visit(field); })));
  if (const auto* omics = dynamic_cast<const OmicsModel*>(made.model.get())) {
    std::map<std::string, ValueTokenizer> tokenizers;
    for (const auto& [omic, tokenizer] : published_tokenizers(*omics, foreign)) {
      config["tokenizers"][omic] = section(tokenizer);
      tokenizers.emplace(omic, ValueTokenizer(tokenizer));
    }
    files["tokenizers.json"] = write_tokenizers(tokenizers);
    config["task"] = section(converted_task(foreign.head));
    if (!genes.empty()) {
      files["features.tsv"] = features_table(genes, *made.entry, *omics);
    }
  } else if (!genes.empty()) {
    throw Error("--genes: '{}' has no gene axis", made.entry->name);
  }
  if (const auto* sequence = dynamic_cast<const SequenceModel*>(made.model.get())) {
    try {
      config["tokenizers"]["sequence"] =
          section(tokenizer_for_vocabulary(sequence->tokenizer(), sequence->vocab_size()));
    } catch (const Error& error) {
      log_warning("{}; this model can be asked with tokens alone, not with sequences",
                  error.what());
    }
  }
  if (!made.adapter.is_none()) config["adapter"] = section(made.adapter);
  files["config.json"] = config.dump(2) + "\n";
  return files;
}

}  // namespace cohesin
