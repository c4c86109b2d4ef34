// log.jsonl, prepare.tsv, config.json and run.json -> the account of a report.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/run/report_parts.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json parse_json(const fs::path& path) {
  try {
    return Json::parse(read_text(path), nullptr, true, /*ignore_comments=*/true);
  } catch (const Json::exception& error) {
    throw Error("{}: not JSON: {}", path.string(), error.what());
  }
}

// "pretraining" and "fold 1, seed 2" of fold_1/pretraining/seed_2.
void name_curve(TrainingCurve& curve, const fs::path& relative_folder) {
  curve.stage = "training";
  for (const auto& part : relative_folder) {
    std::string word = part.string();
    if (word.empty() || word == ".") continue;
    if (word.rfind("pretrain", 0) == 0) {
      curve.stage = "pre-training";
      continue;
    }
    std::replace(word.begin(), word.end(), '_', ' ');
    curve.name += (curve.name.empty() ? "" : ", ") + word;
  }
}

double number_of(const Json& entry, const char* key) {
  const auto found = entry.find(key);
  return found == entry.end() || !found->is_number() ? kNotANumber : found->get<double>();
}

// Where a log has lines of steps and of epochs, the epochs are the calmer curve.
TrainingCurve read_curve(const fs::path& path) {
  std::vector<Json> entries;
  bool has_epochs = false;
  TextReader reader(path);
  for (std::string line; reader.next_line(line);) {
    if (trim(line).empty()) continue;
    Json entry = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object()) reader.fail("expected a JSON object");
    if (!entry.contains("step") || !entry["step"].is_number()) continue;
    has_epochs = has_epochs || entry.value("line", "") == "epoch";
    entries.push_back(std::move(entry));
  }
  TrainingCurve curve;
  for (const Json& entry : entries) {
    const bool is_step = entry.value("line", "") == "step";
    const double validation = number_of(entry, "validation_loss");
    curve.step.push_back(number_of(entry, "step"));
    curve.train_loss.push_back(has_epochs && is_step ? kNotANumber
                                                     : number_of(entry, "train_loss"));
    curve.validation_loss.push_back(
        entry.contains("validation_loss") ? validation : number_of(entry, "validation_score"));
  }
  return curve;
}

void add_provenance(RunFacts& facts, const Json& run) {
  const auto add = [&](const char* key, const char* title) {
    const auto found = run.find(key);
    if (found == run.end() || found->is_null()) return;
    const std::string text = found->is_string() ? found->get<std::string>() : found->dump();
    if (!text.empty()) facts.provenance.emplace_back(title, text);
  };
  add("version", "cohesin");
  add("seed", "seed");
  add("device", "device");
  add("precision", "precision");
  std::vector<std::pair<std::string, std::string>> inputs;
  const auto found = run.find("inputs");
  if (found != run.end() && found->is_object())
    for (const auto& [path, digest] : found->items())
      if (digest.is_string())
        inputs.emplace_back(fs::path(path).filename().string(),
                            "sha256 " + digest.get<std::string>());
  std::sort(inputs.begin(), inputs.end());
  facts.provenance.insert(facts.provenance.end(), inputs.begin(), inputs.end());
}

std::string text_at(const Json& config, const char* section, const char* key) {
  const auto found = config.find(section);
  if (found == config.end() || !found->is_object()) return "";
  const auto value = found->find(key);
  return value == found->end() || !value->is_string() ? "" : value->get<std::string>();
}

}  // namespace

std::vector<TrainingCurve> read_training_curves(const fs::path& folder) {
  std::vector<fs::path> logs;
  for (auto entry = fs::recursive_directory_iterator(folder);
       entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory() &&
        (name == "baselines" || name == "checkpoints" || entry.depth() >= 3))
      entry.disable_recursion_pending();
    if (name == "log.jsonl") logs.push_back(entry->path());
  }
  std::vector<TrainingCurve> curves;
  for (const auto& log : logs) {
    TrainingCurve curve = read_curve(log);
    name_curve(curve, fs::relative(log.parent_path(), folder));
    if (!curve.step.empty()) curves.push_back(std::move(curve));
  }
  // "pre-training" stands before "training" in the alphabet as in time; fold 10 after fold 9.
  std::sort(curves.begin(), curves.end(), [](const TrainingCurve& a, const TrainingCurve& b) {
    if (a.stage != b.stage) return a.stage < b.stage;
    if (a.name.size() != b.name.size()) return a.name.size() < b.name.size();
    return a.name < b.name;
  });
  return curves;
}

std::vector<PreparationRow> read_preparation(const fs::path& path) {
  TextReader reader(path);
  std::string line;
  if (!reader.next_line(line) || line != "modality\twhat\tcount\tfirst")
    throw Error("{}: expected the columns modality, what, count, first", path.string());
  std::vector<PreparationRow> rows;
  while (reader.next_line(line)) {
    const auto fields = split(line, '\t');
    if (fields.size() != 4) reader.fail("expected 4 columns, got {}", fields.size());
    rows.push_back({std::string(fields[0]), std::string(fields[1]), std::string(fields[2]),
                    std::string(fields[3])});
  }
  return rows;
}

RunFacts read_run_facts(const fs::path& folder) {
  RunFacts facts;
  if (fs::exists(folder / "config.json")) {
    const Json config = parse_json(folder / "config.json");
    facts.recipe = read_text(folder / "config.json");
    facts.model = text_at(config, "model", "name");
    const Json task = config.value("task", Json::object());
    if (task.is_object() && task.value("deep_path", Json(true)) == false)
      // The named model has no part in it.
      facts.model = !task.value("linear_path", false)   ? "shallow network"
                    : task.value("shallow_path", false) ? "linear + shallow"
                                                        : "linear model";
    facts.target = text_at(config, "task", "target");
    facts.task = text_at(config, "task", "name");
  }
  if (fs::exists(folder / "run.json")) add_provenance(facts, parse_json(folder / "run.json"));
  return facts;
}

}  // namespace cohesin
