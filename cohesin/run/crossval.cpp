#include "cohesin/run/crossval.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/io/predictions.h"
#include "cohesin/run/cohort_split.h"
#include "cohesin/run/fold_embeddings.h"
#include "cohesin/run/omics_baselines.h"
#include "cohesin/run/omics_fit.h"
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
};

// Every fold must leave something to learn from.
void check_folds(const Plan& plan) {
  for (const auto& [fold, held_out] : plan.folds.parts) {
    const std::vector<int64_t> strata = plan.targets.strata();
    std::set<int64_t> seen;
    for (const int64_t sample : samples_outside(plan.folds, fold))
      seen.insert(strata[static_cast<size_t>(sample)]);
    if (plan.recipe.task.name == "survival" && seen.count(1) == 0)
      throw Error("no event was observed outside fold {}; draw folds with --stratify event", fold);
    for (size_t c = 0; c < plan.recipe.task.classes.size(); ++c)
      if (seen.count(static_cast<int64_t>(c)) == 0)
        throw Error(
            "class '{}' has no sample outside fold {}; it is smaller than the folds, so "
            "join it to another class or leave its samples out",
            plan.recipe.task.classes[c], fold);
  }
}

Plan make_plan(const CrossvalOptions& options) {
  auto assignments = options.assignments;
  if (options.seed) assignments.push_back(fmt::format("train.seed={}", *options.seed));
  Plan plan{options, read_recipe(options.recipe, assignments), nullptr, {}, {}, {""}};
  if (!plan.recipe.task.has_head())
    throw Error(
        "{}: task.name: crossval needs a task with an outcome, got '{}'; pre-train with train",
        options.recipe.string(), plan.recipe.task.name);
  for (const auto& name : plan.recipe.baselines) check_baseline(name, plan.recipe.task);
  plan.cohort = std::make_shared<MultiOmics>(read_h5mu(options.data));
  plan.folds = read_cohort_split(options.folds, *plan.cohort);
  if (plan.folds.parts.size() < 2)
    throw Error("{}: two folds at least are needed", options.folds.string());
  plan.targets = read_targets(*plan.cohort, plan.recipe.task, samples_outside(plan.folds, ""));
  for (const auto& hidden : options.without) {
    if (plan.cohort->at(hidden).name == hidden) plan.conditions.push_back(hidden);
  }
  check_folds(plan);
  return plan;
}

OmicsFit fold_fit(const Plan& plan, const std::string& fold) {
  OmicsFit fit;
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
                             const OmicsEnsemble& members) {
  PredictionTable table;
  for (const auto& hidden : plan.conditions)
    append_rows(table, prediction_table(
                           predict_samples(members, plan.cohort, plan.folds.parts.at(fold), hidden),
                           plan.recipe.task, *plan.cohort, fold, hidden));
  return table;
}

// Trains one recipe on every fold; returns the predictions of all held-out samples.
PredictionTable run_folds(const Plan& plan, const Recipe& recipe, const fs::path& out,
                          const std::string& what) {
  PredictionTable all;
  for (const auto& [fold, held_out] : plan.folds.parts) {
    stop_here_if_requested();
    const fs::path folder = out / ("fold_" + fold);
    const fs::path done = folder / "predictions.tsv";
    if (!(plan.options.resume && fs::exists(done))) {
      OmicsFit fit = fold_fit(plan, fold);
      fit.recipe = recipe;
      fit.out = folder;
      fit.title = what + ", " + fit.title;
      fit_omics(fit);
      write_predictions(done, predict_fold(plan, fold, load_ensemble(folder)));
    }
    append_rows(all, read_predictions(done));
  }
  return all;
}

void run_baselines(const Plan& plan, Scores& scores) {
  for (const auto& name : plan.recipe.baselines) {
    const fs::path folder = plan.options.out / "baselines" / folder_of_baseline(name);
    log_info("baseline {}", name);
    PredictionTable table;
    if (name == "mlp") {
      table = run_folds(plan, mlp_baseline_recipe(plan.recipe), folder, "baseline mlp");
    } else {
      for (const auto& [fold, held_out] : plan.folds.parts) {
        stop_here_if_requested();
        const OmicsFit fit = fold_fit(plan, fold);
        const FittedBaseline baseline =
            fit_baseline(name, plan.recipe, plan.cohort, fit.train, plan.targets);
        make_folder(folder);
        save_baseline(baseline, folder / ("fold_" + fold));
        for (const auto& hidden : plan.conditions)
          append_rows(table,
                      prediction_table(predict_baseline(baseline, plan.cohort, held_out, hidden),
                                       plan.recipe.task, *plan.cohort, fold, hidden));
      }
    }
    write_predictions(folder / "predictions.tsv", table);
    scores.baselines.emplace_back(name, score_predictions(table, name));
  }
}

// Folds that are kept must come from this recipe and these files.
void check_resumed(const fs::path& out, const std::string& config, const RunRecord& record) {
  if (!fs::exists(out / "run.json")) return;
  const auto read = [](const fs::path& path) { return fs::exists(path) ? read_text(path) : ""; };
  std::multiset<std::string> before, now;
  for (const auto& [path, digest] : recorded_inputs(out / "run.json")) before.insert(digest);
  for (const auto& [path, digest] : record.inputs) now.insert(digest);
  if (read(out / "config.json") != config || before != now)
    throw Error(
        "{}: was begun with another recipe, cohort or folds, so it cannot go on; use the same, "
        "or start anew with --force",
        out.string());
}

void run_crossval(const Plan& plan) {
  const CrossvalOptions& options = plan.options;
  const PredictionTable table = run_folds(plan, plan.recipe, options.out, "model");
  write_predictions(options.out / "predictions.tsv", table);
  Scores scores;
  scores.task = plan.recipe.task.name;
  scores.groups = score_predictions(table, (options.out / "predictions.tsv").string());
  run_baselines(plan, scores);
  write_text(options.out / "scores.json", write_scores(scores));
  if (plan.recipe.task.deep_path)
    write_text(options.out / "embeddings.tsv",
               fold_embeddings_text(options.out, plan.cohort, plan.folds));
  log_info("{}", describe_scores(scores));
}

}  // namespace

void cross_validate(const CrossvalOptions& options) {
  check_device(options.run.device);
  if (!options.resume) require_absent_or_force(options.out, options.force);
  Plan plan = make_plan(options);
  if (options.force && !options.resume) fs::remove_all(options.out);
  make_folder(options.out);
  RunRecord record =
      record_of(plan.recipe, options.run, {options.recipe, options.data, options.folds});
  const std::string config = write_json([&plan](Fields& field) { plan.recipe.visit(field); });
  if (options.resume) check_resumed(options.out, config, record);
  const fs::path findings = options.data.string() + ".prepare.tsv";
  if (fs::exists(findings)) write_text(options.out / "prepare.tsv", read_text(findings));
  write_text(options.out / "config.json", config);
  run_recorded(record, options.out / "run.json", [&plan] { run_crossval(plan); });
  write_report(options.out, options.out / "report.html", true);
}

}  // namespace cohesin
