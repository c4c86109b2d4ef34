#include "cohesin/run/report_run.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/predictions.h"
#include "cohesin/report/page.h"
#include "cohesin/run/batch_note.h"
#include "cohesin/run/report_parts.h"
#include "cohesin/run/score.h"
#include "cohesin/run/search_trials.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

bool has_outcomes(const PredictionTable& table) {
  const auto known = [](double value) { return !std::isnan(value); };
  return (table.classes && std::any_of(table.classes->label.begin(), table.classes->label.end(),
                                       [](const auto& label) { return !label.empty(); })) ||
         (table.survival &&
          std::any_of(table.survival->time_days.begin(), table.survival->time_days.end(), known)) ||
         (table.values &&
          std::any_of(table.values->target.begin(), table.values->target.end(), known));
}

Scores score_folder(const fs::path& folder, const PredictionTable& table) {
  Scores scores;
  scores.task = task_name(table);
  if (!has_outcomes(table)) return scores;
  scores.groups = score_predictions(table, (folder / "predictions.tsv").string());
  std::vector<fs::path> baselines;
  if (fs::is_directory(folder / "baselines"))
    for (const auto& entry : fs::directory_iterator(folder / "baselines"))
      if (fs::exists(entry.path() / "predictions.tsv")) baselines.push_back(entry.path());
  std::sort(baselines.begin(), baselines.end());
  for (const auto& path : baselines) {
    const fs::path file = path / "predictions.tsv";
    scores.baselines.emplace_back(path.filename().string(),
                                  score_predictions(read_predictions(file), file.string()));
  }
  return scores;
}

// What the verdict goes by: of a joint task the first of its kinds that has scores.
std::string primary_metric(const Scores& scores) {
  for (const char* name : {"weighted_f1", "c_index", "pearson"})
    for (const auto& group : scores.groups)
      for (const auto& [metric, summary] : group.metrics)
        if (metric == name) return name;
  return "weighted_f1";
}

std::string join(const std::vector<std::string>& words, const std::string& separator) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

std::vector<std::string> modalities_of(const PredictionTable& table) {
  std::string longest;
  for (const auto& modalities : table.modalities)
    if (modalities.size() > longest.size()) longest = modalities;
  std::vector<std::string> names;
  for (size_t begin = 0; begin < longest.size();) {
    const size_t end = std::min(longest.find(',', begin), longest.size());
    names.push_back(longest.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

std::string title_of(const ReportData& data, const std::vector<std::string>& modalities) {
  std::string title = !data.target.empty()      ? "Predicting " + data.target
                      : data.task == "survival" ? "Predicting survival"
                                                : "Predictions";
  if (modalities.empty()) return title;
  std::vector<std::string> first(modalities.begin(), modalities.end() - 1);
  return title + " from " + join(first, ", ") + (first.empty() ? "" : " and ") + modalities.back();
}

// Each sample once, however often it was predicted.
size_t count_events(const PredictionTable& table) {
  std::set<std::string> samples;
  for (size_t row = 0; row < table.num_rows(); ++row)
    if (table.survival->event[row] == 1) samples.insert(table.sample[row]);
  return samples.size();
}

void add_table_facts(ReportData& data, const PredictionTable& table) {
  const std::set<std::string> samples(table.sample.begin(), table.sample.end());
  const std::set<std::string> folds(table.fold.begin(), table.fold.end());
  const auto modalities = modalities_of(table);
  data.title = title_of(data, modalities);
  data.facts.push_back(fmt::format("{} samples", samples.size()));
  if (table.classes) data.facts.push_back(fmt::format("{} classes", table.classes->classes.size()));
  if (table.survival) data.facts.push_back(fmt::format("{} events", count_events(table)));
  data.facts.push_back(folds.size() > 1 ? fmt::format("{} folds", folds.size()) : "no folds");
  if (!modalities.empty()) data.facts.push_back(join(modalities, " + "));
  if (folds.size() > 1) {
    // Repeated cross-validations have a sample in several folds; each repeat has its own test part.
    std::map<std::string, std::set<std::string>> members;
    for (size_t row = 0; row < table.num_rows(); ++row)
      members[table.fold[row]].insert(table.sample[row]);
    double size = 0;
    for (const auto& [fold, names] : members) size += static_cast<double>(names.size());
    data.test_share =
        size / static_cast<double>(folds.size()) / static_cast<double>(samples.size());
  }
}

// Class sizes count each sample once, however often it was predicted.
void add_classes(ReportData& data, const PredictionTable& table) {
  if (!table.classes) return;
  const ClassPredictions* classes = &*table.classes;
  std::map<std::string, std::set<std::string>> members;
  std::set<std::string> unlabelled;
  for (size_t row = 0; row < table.num_rows(); ++row)
    (classes->label[row].empty() ? unlabelled : members[classes->label[row]])
        .insert(table.sample[row]);
  for (const auto& name : classes->classes) {
    const auto count = static_cast<int64_t>(members[name].size());
    data.classes.emplace_back(name, count);
    if (count < 10)
      data.warnings.push_back(fmt::format(
          "Class '{}' has {} labelled samples; its own scores say little.", name, count));
  }
  if (!unlabelled.empty())
    data.warnings.push_back(fmt::format(
        "{} samples have no label; they were predicted, but not scored.", unlabelled.size()));
}

// A report that shows one thing and prints another would mislead: the scores are held against the
// predictions beside them.
void check_scores(ReportData& data, const Scores& scores, const PredictionTable& table,
                  const fs::path& folder) {
  if (!has_outcomes(table)) return;
  const auto again = score_predictions(table, (folder / "predictions.tsv").string(), {0, 1});
  for (const auto& group : scores.groups)
    for (const auto& fresh : again) {
      if (fresh.hidden != group.hidden || fresh.modalities != group.modalities) continue;
      for (const auto& [metric, summary] : group.metrics)
        for (const auto& [name, expected] : fresh.metrics)
          if (name == metric && std::isfinite(expected.mean) &&
              !(std::abs(summary.mean - expected.mean) < 1e-9)) {
            data.warnings.push_back(fmt::format(
                "scores.json does not agree with predictions.tsv: {} is {} in the one and {} by "
                "the other. Score them again.",
                metric, summary.mean, expected.mean));
            return;
          }
    }
}

void add_embeddings(ReportData& data, const fs::path& folder, const PredictionTable& table) {
  if (!fs::exists(folder / "embeddings.tsv")) return;
  std::vector<std::string> classes;
  for (const auto& [name, count] : data.classes) classes.push_back(name);
  data.embeddings = read_embedding_panels(folder / "embeddings.tsv", table, classes);
  data.embedding_note = "Exact t-SNE of the pooled embeddings";
  if (!table.fold.empty() && data.embeddings.size() == 1)
    data.embedding_note +=
        ", each sample by the fold model that did not see it; the folds' spaces are turned onto "
        "each other by a rotation that looks at no label";
  else if (data.embeddings.size() > 1)
    data.embedding_note +=
        ", each sample by the fold model that did not see it; one map a fold, for the folds' "
        "models "
        "have spaces of their own";
  data.embedding_note +=
      ". Neighbourhoods have a meaning here; distances between clouds, their sizes and the axes "
      "have none.";
}

void add_predictions(ReportData& data, const fs::path& folder, const PredictionTable& table,
                     const Scores& scores) {
  add_table_facts(data, table);
  add_classes(data, table);
  check_scores(data, scores, table, folder);
  if (table.classes)
    for (auto& condition : data.conditions)
      if (condition.is_main) add_class_evidence(condition, table);
  data.survival = survival_figures(folder, table, data.model);
  add_embeddings(data, folder, table);
}

}  // namespace

ReportData collect_report(const fs::path& folder) {
  if (!fs::is_directory(folder))
    throw Error("{}: no such folder; give one that crossval or train wrote", folder.string());
  const fs::path predictions = folder / "predictions.tsv", scored = folder / "scores.json";
  ReportData data;
  RunFacts facts = read_run_facts(folder);
  data.target = facts.target;
  data.model = facts.model.empty() ? "model" : facts.model;
  data.recipe = std::move(facts.recipe);
  data.provenance = std::move(facts.provenance);
  data.task = facts.task;
  data.title = "Training of " + data.model;
  data.curves = read_training_curves(folder);
  if (fs::exists(folder / "prepare.tsv"))
    data.preparation = read_preparation(folder / "prepare.tsv");
  data.chosen = read_chosen_settings(folder);
  if (fs::exists(folder / "batches.tsv")) data.batches = read_batch_note(folder / "batches.tsv");
  if (fs::exists(folder / "explanation" / "attributions.tsv"))
    data.explanation = read_explanation(folder / "explanation");

  std::optional<PredictionTable> table;
  if (fs::exists(predictions)) table = read_predictions(predictions);
  if (!table && !fs::exists(scored) && data.curves.empty())
    throw Error(
        "{}: none of predictions.tsv, scores.json and log.jsonl is there; nothing to report",
        folder.string());
  if (table || fs::exists(scored)) {
    const Scores scores = fs::exists(scored) ? read_scores(scored) : score_folder(folder, *table);
    data.task = scores.task;
    data.title = title_of(data, {});
    data.primary_metric = primary_metric(scores);
    data.conditions = report_conditions(scores, data.model);
    data.warnings = scores.notes;
    if (table) add_predictions(data, folder, *table, scores);
  }
  if (!facts.model.empty()) data.facts.push_back("model " + data.model);
  return data;
}

void write_report(const fs::path& folder, const fs::path& out, bool force) {
  require_absent_or_force(out, force);
  write_text(out, make_page(collect_report(folder)));
}

}  // namespace cohesin
