#include "cohesin/run/choose_settings.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/base/quiet_log.h"
#include "cohesin/omics/sample_split.h"
#include "cohesin/run/cohort_ensemble.h"
#include "cohesin/run/cohort_fit.h"
#include "cohesin/run/score.h"
#include "cohesin/run/search_trials.h"
#include "cohesin/run/task_predictions.h"

namespace cohesin {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> metrics_of(const Recipe& recipe) {
  if (recipe.search->metric != "auto") return {recipe.search->metric};
  std::vector<std::string> metrics;
  if (recipe.task.asks(TaskKind::classification)) metrics.emplace_back("weighted_f1");
  if (recipe.task.asks(TaskKind::survival)) metrics.emplace_back("c_index");
  if (recipe.task.asks(TaskKind::regression)) metrics.emplace_back("pearson");
  return metrics;
}

// The mean of the metrics over all rows, with whatever modalities; NaN where one is not defined.
double score_of(const PredictionTable& table, const std::vector<std::string>& metrics) {
  const auto groups = score_predictions(table, "inner fold", {0, 1});
  double sum = 0;
  for (const auto& metric : metrics) {
    double value = std::nan("");
    for (const auto& [name, summary] : groups.front().metrics)
      if (name == metric) value = summary.mean;
    sum += value;
  }
  return sum / static_cast<double>(metrics.size());
}

// A search inside one training part.
class Search {
 public:
  explicit Search(const CohortFit& fit);
  Recipe choose();

 private:
  CohortFit inner_fit(size_t inner) const;
  fs::path folder(size_t inner) const;
  fs::path pretrained(size_t inner);
  double score(size_t trial, size_t inner);
  void run_trial(size_t trial);
  void save() const { write_text(fit_.out / "search.tsv", table_.text()); }
  bool pretrains() const { return fit_.recipe.pretraining && fit_.recipe.task.deep_path; }

  const CohortFit& fit_;
  TaskConfig task_;  // with the classes of the whole training part
  std::vector<std::string> metrics_;
  std::vector<std::string> patients_;
  std::vector<InnerFold> folds_;
  std::set<size_t> pretrained_;
  SearchTable table_;
};

Search::Search(const CohortFit& fit)
    : fit_(fit), task_(fit.recipe.task), metrics_(metrics_of(fit.recipe)) {
  TaskConfig asked = task_;
  const TaskTargets targets = read_targets(*fit.cohort, asked, fit.train);
  task_.classes = asked.classes;  // the rest is found out inside each inner fold
  patients_ = patients_of(*fit.cohort);
  folds_ =
      make_inner_folds(*fit.cohort, fit.train, targets.strata(), fit.recipe.search->inner_folds,
                       static_cast<uint64_t>(fit.recipe.train.seed));
  table_.metric = metrics_.size() == 1 ? metrics_[0] : "score";
  table_.trials = search_trials(fit.recipe, "recipe");
  table_.scores.assign(table_.trials.size(),
                       std::vector<std::optional<double>>(folds_.size(), std::nullopt));
  if (fit.init.empty()) return;
  for (const auto& [key, value] : table_.trials[0].settings)
    if (key.rfind("model.", 0) == 0 || key.rfind("tokenizers.", 0) == 0)
      throw Error("search.space: {} comes from the checkpoint in {}; leave it or --init out", key,
                  fit.init.string());
}

fs::path Search::folder(size_t inner) const {
  return fit_.out / "search" / fmt::format("inner_{}", inner + 1);
}

CohortFit Search::inner_fit(size_t inner) const {
  CohortFit fit = fit_;
  fit.recipe.search.reset();
  fit.recipe.task = task_;
  fit.train = folds_[inner].train;
  std::set<std::string> held_out;
  for (const int64_t sample : folds_[inner].held_out)
    held_out.insert(patients_[static_cast<size_t>(sample)]);
  std::erase_if(fit.unlabelled, [&](int64_t sample) {
    return held_out.count(patients_[static_cast<size_t>(sample)]) != 0;
  });
  return fit;
}

// The run folder of the inner fold's pre-training, which is done when it is first asked for.
fs::path Search::pretrained(size_t inner) {
  if (pretrained_.insert(inner).second) {
    CohortFit fit = inner_fit(inner);
    fit.only_pretraining = true;
    fit.out = folder(inner);
    fit.title += fmt::format(", search, inner fold {}", inner + 1);
    log_info("{}: pre-training", fit.title);
    const ShowWarningsOnly quiet;
    fit_cohort(fit);
  }
  return folder(inner) / "pretraining";
}

double Search::score(size_t trial, size_t inner) {
  CohortFit fit = inner_fit(inner);
  if (pretrains()) fit.init = pretrained(inner);
  fit.recipe.pretraining.reset();
  fit.recipe = with_settings(fit.recipe, table_.trials[trial].assignments(), "search.space");
  fit.recipe.train.seeds = 1;
  fit.out = folder(inner) / fmt::format("trial_{}", trial + 1);
  fit.title += fmt::format(", trial {}, inner fold {}", trial + 1, inner + 1);
  const ShowWarningsOnly quiet;
  fit_cohort(fit);
  const SamplePredictions answers =
      load_cohort_ensemble(fit.out)->predict(fit.cohort, folds_[inner].held_out, "");
  const double value = score_of(prediction_table(answers, task_, *fit.cohort, "", ""), metrics_);
  fs::remove_all(fit.out);
  return value;
}

void Search::run_trial(size_t trial) {
  for (size_t inner = 0; inner < folds_.size(); ++inner) {
    if (table_.scores[trial][inner]) continue;
    stop_here_if_requested();
    table_.scores[trial][inner] = score(trial, inner);
    save();
  }
  std::string values;
  for (const auto& value : table_.scores[trial]) values += fmt::format(" {:.3f}", *value);
  log_info("{}: trial {} of {}: {}: {} {:.3f} (inner folds{})", fit_.title, trial + 1,
           table_.trials.size(), table_.trials[trial].text(), table_.metric, table_.mean(trial),
           values);
}

Recipe Search::choose() {
  make_folder(fit_.out);
  if (!fit_.resume) {
    fs::remove_all(fit_.out / "search");
    fs::remove(fit_.out / "search.tsv");
  } else if (fs::exists(fit_.out / "search.tsv")) {
    read_scores_done(fit_.out / "search.tsv", table_);
  }
  for (size_t trial = 0; trial < table_.trials.size(); ++trial) run_trial(trial);
  table_.chosen = table_.best();
  if (!table_.chosen)
    throw Error(
        "search: {} is not defined on any inner fold; take fewer inner folds, or another "
        "search.metric",
        table_.metric);
  save();
  fs::remove_all(fit_.out / "search");
  const SearchTrial& best = table_.trials[*table_.chosen];
  log_info("{}: chosen: {} ({} {:.3f}, the best of {})", fit_.title, best.text(), table_.metric,
           table_.mean(*table_.chosen), table_.trials.size());
  return with_settings(fit_.recipe, best.assignments(), "search.space");
}

}  // namespace

std::vector<InnerFold> make_inner_folds(const MultiOmics& cohort,
                                        const std::vector<int64_t>& samples,
                                        const std::vector<int64_t>& strata, int64_t num_folds,
                                        uint64_t seed) {
  const auto all_patients = patients_of(cohort);
  const auto stratum = [&](int64_t sample) { return strata.at(static_cast<size_t>(sample)); };
  std::vector<std::string> patients, classes;
  std::vector<int64_t> known;
  for (const int64_t sample : samples) {
    if (stratum(sample) < 0) continue;
    known.push_back(sample);
    patients.push_back(all_patients[static_cast<size_t>(sample)]);
    classes.push_back(fmt::format("{}", stratum(sample)));
  }
  const std::set<std::string> different(patients.begin(), patients.end());
  if (different.size() < static_cast<size_t>(num_folds))
    throw Error("search: {} patients with a known outcome are too few for {} inner folds",
                different.size(), num_folds);
  const auto part_of = split_by_group(patients, classes,
                                      std::vector<double>(static_cast<size_t>(num_folds), 1), seed);
  std::map<std::string, int64_t> fold_of;
  for (size_t i = 0; i < patients.size(); ++i) fold_of[patients[i]] = part_of[i];
  std::vector<InnerFold> folds(static_cast<size_t>(num_folds));
  for (const int64_t sample : samples) {
    const auto found = fold_of.find(all_patients[static_cast<size_t>(sample)]);
    for (int64_t fold = 0; fold < num_folds; ++fold) {
      InnerFold& part = folds[static_cast<size_t>(fold)];
      if (found == fold_of.end() || found->second != fold)
        part.train.push_back(sample);
      else if (stratum(sample) >= 0)
        part.held_out.push_back(sample);
    }
  }
  return folds;
}

Recipe choose_settings(const CohortFit& fit) { return Search(fit).choose(); }

}  // namespace cohesin
