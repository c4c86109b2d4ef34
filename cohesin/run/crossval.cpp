#include "cohesin/run/crossval.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/io/predictions.h"
#include "cohesin/run/batch_note.h"
#include "cohesin/run/cohort_ensemble.h"
#include "cohesin/run/cohort_fit.h"
#include "cohesin/run/cohort_split.h"
#include "cohesin/run/fold_embeddings.h"
#include "cohesin/run/fold_jobs.h"
#include "cohesin/run/leakage.h"
#include "cohesin/run/letter_samples.h"
#include "cohesin/run/omics_baselines.h"
#include "cohesin/run/permute_labels.h"
#include "cohesin/run/report_run.h"
#include "cohesin/run/run_setup.h"
#include "cohesin/run/score.h"
#include "cohesin/run/task_predictions.h"

namespace cohesin {

namespace {

namespace fs = std::filesystem;

// What every fold needs to know.
struct Plan {
  const CrossvalOptions& options;
  Recipe recipe;
  std::shared_ptr<const MultiOmics> cohort;
  CohortSplit folds;
  TaskTargets targets;
  std::vector<std::string> conditions;  // hidden modality; the empty one first
  std::vector<std::string> selected;    // folds to do: all, or one
  std::string permuted;                 // permuted_labels.tsv; empty: as they are
};

// Every fold must leave something to learn from.
void check_folds(const Plan& plan) {
  const TaskConfig& task = plan.recipe.task;
  if (plan.targets.empty()) return;  // of letters
  for (const auto& [fold, held_out] : plan.folds.parts) {
    std::set<int64_t> classes;
    int64_t num_events = 0;
    for (const int64_t sample : samples_outside(plan.folds, fold)) {
      const auto i = static_cast<size_t>(sample);
      if (task.asks(TaskKind::classification)) classes.insert(plan.targets.labels[i]);
      if (task.asks(TaskKind::survival)) num_events += plan.targets.survival.event[i];
    }
    if (task.asks(TaskKind::survival) && num_events == 0)
      throw Error("no event was observed outside fold {}; draw folds with --stratify event", fold);
    for (size_t c = 0; c < task.classes.size(); ++c)
      if (classes.count(static_cast<int64_t>(c)) == 0)
        throw Error(
            "class '{}' has no sample outside fold {}; it is smaller than the folds, so "
            "join it to another class or leave its samples out",
            task.classes[c], fold);
  }
}

void select_folds(Plan& plan) {
  for (const auto& [fold, members] : plan.folds.parts)
    if (plan.options.fold.empty() || plan.options.fold == fold) plan.selected.push_back(fold);
  if (!plan.selected.empty()) return;
  std::vector<std::string> names;
  for (const auto& [fold, members] : plan.folds.parts) names.push_back(fold);
  throw Error("--fold {}: {} has no such fold; its folds are {}", plan.options.fold,
              plan.options.folds.string(), fmt::join(names, ", "));
}

// "rnaseq" of "logistic:rnaseq"; empty without colon.
std::string text_after_colon(const std::string& name) {
  const size_t colon = name.find(':');
  return colon == std::string::npos ? "" : name.substr(colon + 1);
}

// Where every letter is asked: what is made for whole samples does not go. Finds the classes.
void check_letters(const Plan& plan, TaskConfig& asked) {
  if (!plan.recipe.baselines.empty() || plan.recipe.search || plan.options.permute_labels)
    throw Error(
        "task.per_letter goes without baselines, search and --permute-labels, which are for whole "
        "samples; leave them out");
  const MultiOmics letters = letters_as_samples(
      select_samples(*plan.cohort, samples_outside(plan.folds, "")), asked.target);
  std::vector<int64_t> all(letters.num_samples());
  std::iota(all.begin(), all.end(), 0);
  read_targets(letters, asked, all);
}

Plan make_plan(const CrossvalOptions& options) {
  auto assignments = options.assignments;
  if (options.seed) assignments.push_back(fmt::format("train.seed={}", *options.seed));
  Plan plan{options, read_recipe_for(options.recipe, assignments, options.init),
            nullptr, {},
            {},      {""},
            {},      ""};
  if (!plan.recipe.task.has_head())
    throw Error(
        "{}: task.name: crossval needs a task with an outcome, got '{}'; pre-train with train",
        options.recipe.string(), plan.recipe.task.name);
  for (const auto& name : plan.recipe.baselines) check_baseline(name, plan.recipe.task);
  const auto cohort = std::make_shared<MultiOmics>(read_samples(options.data));
  plan.cohort = cohort;
  plan.folds = read_cohort_split(options.folds, *cohort, options.allow_shared_patients);
  if (plan.folds.parts.size() < 2)
    throw Error("{}: two folds at least are needed", options.folds.string());
  warn_of_identical_samples(plan.folds.parts, *cohort);
  select_folds(plan);
  if (options.permute_labels)
    plan.permuted = permute_outcomes(*cohort, plan.recipe.task, samples_outside(plan.folds, ""),
                                     *options.permute_labels);
  TaskConfig asked = plan.recipe.task;
  if (asked.per_letter)
    check_letters(plan, asked);
  else
    plan.targets = read_targets(*plan.cohort, asked, samples_outside(plan.folds, ""));
  plan.recipe.task.classes = asked.classes;  // the rest is found out inside each fold
  for (const auto& hidden : options.without) {
    if (hidden == kCovariates && !plan.recipe.task.covariates.empty())
      plan.conditions.push_back(hidden);
    else if (plan.cohort->at(hidden).name == hidden)
      plan.conditions.push_back(hidden);
  }
  for (const auto& name : plan.recipe.baselines)
    if (const std::string modality = text_after_colon(name);
        !modality.empty() && modality != kCovariates)
      plan.cohort->at(modality);  // throws for one that is not there
  check_folds(plan);
  return plan;
}

CohortFit fold_fit(const Plan& plan, const std::string& fold) {
  CohortFit fit;
  fit.recipe = plan.recipe;
  fit.cohort = plan.cohort;
  fit.train = samples_outside(plan.folds, fold);
  if (plan.options.pretrain_on_unassigned) fit.unlabelled = plan.folds.unassigned;
  fit.resume = plan.options.resume;
  fit.precision = parse_precision(plan.options.run.precision);
  fit.title = fmt::format("fold {} of {}", fold, plan.folds.parts.size());
  return fit;
}

PredictionTable predict_fold(const Plan& plan, const std::string& fold,
                             const CohortEnsemble& members) {
  PredictionTable table;
  for (const auto& hidden : plan.conditions)
    append_rows(table,
                prediction_table(members.predict(plan.cohort, plan.folds.parts.at(fold), hidden),
                                 plan.recipe.task, *plan.cohort, fold, hidden));
  return table;
}

// Trains one recipe on the selected folds; returns the predictions of their samples.
PredictionTable run_folds(const Plan& plan, const Recipe& recipe, const fs::path& out,
                          const std::string& what) {
  PredictionTable all;
  for (const auto& fold : plan.selected) {
    stop_here_if_requested();
    const fs::path folder = out / ("fold_" + fold);
    const fs::path done = folder / "predictions.tsv";
    if (!(plan.options.resume && fs::exists(done))) {
      CohortFit fit = fold_fit(plan, fold);
      fit.recipe = recipe;
      if (recipe.task.deep_path) fit.init = plan.options.init;
      fit.out = folder;
      fit.title = what + ", " + fit.title;
      fit_cohort(fit);
      write_predictions(done, predict_fold(plan, fold, *load_cohort_ensemble(folder)));
    }
    append_rows(all, read_predictions(done));
  }
  return all;
}

// One baseline on one fold.
PredictionTable run_baseline(const Plan& plan, const std::string& name, const std::string& fold,
                             const fs::path& folder) {
  const fs::path done = folder / ("predictions_fold_" + fold + ".tsv");
  if (plan.options.resume && fs::exists(done)) return read_predictions(done);
  const FittedBaseline baseline =
      fit_baseline(name, plan.recipe, plan.cohort, fold_fit(plan, fold).train, plan.targets);
  make_folder(folder);
  fs::remove_all(folder / ("fold_" + fold));
  save_baseline(baseline, folder / ("fold_" + fold));
  PredictionTable table;
  for (const auto& hidden : plan.conditions)
    append_rows(table, prediction_table(predict_baseline(baseline, plan.cohort,
                                                         plan.folds.parts.at(fold), hidden),
                                        plan.recipe.task, *plan.cohort, fold, hidden));
  write_predictions(done, table);
  return read_predictions(done);  // the same bytes whether it was done now or before
}

// The predictions of a baseline on the selected folds.
PredictionTable run_baseline_folds(const Plan& plan, const std::string& name) {
  const fs::path folder = plan.options.out / "baselines" / folder_of_baseline(name);
  log_info("baseline {}", name);
  if (is_trained_baseline(name)) {
    Plan own = plan;
    if (const std::string modality = modality_of_baseline(name); !modality.empty()) {
      auto alone = std::make_shared<MultiOmics>(*plan.cohort);
      std::erase_if(alone->modalities, [&](const Modality& one) { return one.name != modality; });
      own.cohort = alone;
      own.conditions = {""};
    }
    return run_folds(own, trained_baseline_recipe(name, plan.recipe), folder, "baseline " + name);
  }
  PredictionTable table;
  for (const auto& fold : plan.selected) {
    stop_here_if_requested();
    append_rows(table, run_baseline(plan, name, fold, folder));
  }
  return table;
}

// What was begun before must come from this recipe, these files and this permutation; `out` may
// hold the records of the whole and of single folds.
void check_begun(const Plan& plan, const std::string& config, const RunRecord& record) {
  const fs::path& out = plan.options.out;
  std::vector<fs::path> records{out / "run.json"};
  for (const auto& [fold, members] : plan.folds.parts)
    records.push_back(out / ("fold_" + fold) / "run.json");
  const auto read = [](const fs::path& path) { return fs::exists(path) ? read_text(path) : ""; };
  std::multiset<std::string> now;
  for (const auto& [path, digest] : record.inputs) now.insert(digest);
  for (const auto& path : records) {
    if (!fs::exists(path)) continue;
    std::multiset<std::string> before;
    for (const auto& [input, digest] : recorded_inputs(path)) before.insert(digest);
    if (read(out / "config.json") != config || before != now ||
        read(out / "permuted_labels.tsv") != plan.permuted)
      throw Error(
          "{}: was begun with another recipe, cohort or folds, or with other labels, so it cannot "
          "go "
          "on; use the same, or start anew with --force",
          out.string());
  }
}

// What belongs to the whole and is the same for every process that shares the folder.
void write_setting(const Plan& plan, const std::string& config) {
  const fs::path& out = plan.options.out;
  const fs::path findings = plan.options.data.string() + ".prepare.tsv";
  if (fs::exists(findings)) write_text(out / "prepare.tsv", read_text(findings));
  write_text(out / "config.json", config);
  if (!plan.permuted.empty()) write_text(out / "permuted_labels.tsv", plan.permuted);
  if (plan.targets.empty()) return;
  const std::string batches = batch_note_text(*plan.cohort, plan.recipe.task, plan.targets,
                                              samples_outside(plan.folds, ""));
  if (!batches.empty()) write_text(out / "batches.tsv", batches);
}

void run_crossval(const Plan& plan) {
  const CrossvalOptions& options = plan.options;
  const PredictionTable table = run_folds(plan, plan.recipe, options.out, "model");
  write_predictions(options.out / "predictions.tsv", table);
  Scores scores;
  scores.task = plan.recipe.task.name;
  scores.groups = score_predictions(table, (options.out / "predictions.tsv").string());
  for (const auto& name : plan.recipe.baselines) {
    const PredictionTable rows = run_baseline_folds(plan, name);
    write_predictions(options.out / "baselines" / folder_of_baseline(name) / "predictions.tsv",
                      rows);
    scores.baselines.emplace_back(name, score_predictions(rows, name));
  }
  if (options.permute_labels) scores.notes.push_back(permutation_note(*options.permute_labels));
  write_text(options.out / "scores.json", write_scores(scores));
  if (plan.recipe.task.deep_path && !plan.recipe.task.per_letter)
    write_text(options.out / "embeddings.tsv",
               fold_embeddings_text(options.out, plan.cohort, plan.folds));
  log_info("{}", describe_scores(scores));
  if (options.permute_labels) log_warning("{}", permutation_note(*options.permute_labels));
}

void run_one_fold(const Plan& plan) {
  run_folds(plan, plan.recipe, plan.options.out, "model");
  for (const auto& name : plan.recipe.baselines) run_baseline_folds(plan, name);
  log_info(
      "fold {} is done; when all are, the same command with --resume and without --fold "
      "collects them",
      plan.options.fold);
}

// Removes what an earlier run of the fold has left.
void clear_fold(const CrossvalOptions& options) {
  fs::remove_all(options.out / ("fold_" + options.fold));
  if (!fs::is_directory(options.out / "baselines")) return;
  for (const auto& entry : fs::directory_iterator(options.out / "baselines")) {
    fs::remove_all(entry.path() / ("fold_" + options.fold));
    fs::remove(entry.path() / ("predictions_fold_" + options.fold + ".tsv"));
  }
}

// The folder is shared with the processes of other folds: only what is this fold's may be there
// already, and only with --resume or --force.
void cross_validate_fold(const CrossvalOptions& options) {
  const fs::path folder = options.out / ("fold_" + options.fold);
  if (!options.resume) require_absent_or_force(folder, options.force);
  Plan plan = make_plan(options);
  if (options.force && !options.resume) clear_fold(options);
  RunRecord record =
      record_of(plan.recipe, options.run,
                {options.recipe, options.data, options.folds, weights_of_start(options.init)});
  const std::string config = write_json([&plan](Fields& field) { plan.recipe.visit(field); });
  check_begun(plan, config, record);
  make_folder(folder);
  write_setting(plan, config);
  run_recorded(record, folder / "run.json", [&plan] { run_one_fold(plan); });
}

}  // namespace

void cross_validate(const CrossvalOptions& given) {
  CrossvalOptions options = given;
  check_device(options.run.device);
  if (options.jobs < 1) throw Error("--jobs {}: expected 1 or more", options.jobs);
  if (options.jobs > 1 && !options.fold.empty())
    throw Error("--fold trains one fold and --jobs several at a time; give one of them");
  if (!options.fold.empty()) return cross_validate_fold(options);
  if (!options.resume) require_absent_or_force(options.out, options.force);
  Plan plan = make_plan(options);
  if (options.force && !options.resume) fs::remove_all(options.out);
  make_folder(options.out);
  RunRecord record =
      record_of(plan.recipe, options.run,
                {options.recipe, options.data, options.folds, weights_of_start(options.init)});
  const std::string config = write_json([&plan](Fields& field) { plan.recipe.visit(field); });
  if (options.resume) check_begun(plan, config, record);
  write_setting(plan, config);
  run_recorded(record, options.out / "run.json", [&plan, &options] {
    if (options.jobs > 1) {
      run_folds_as_jobs(options, plan.selected);
      options.resume = true;  // from here on what they have left is collected
    }
    run_crossval(plan);
  });
  write_report(options.out, options.out / "report.html", true);
}

}  // namespace cohesin
