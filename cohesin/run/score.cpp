#include "cohesin/run/score.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/predictions.h"

namespace cohesin {
namespace {

const std::string kAnyModalities = "any";

using Rows = std::vector<size_t>;

// The rows, of those given, whose outcome is known, and what was predicted for them.
struct KnownRows {
  Rows rows;
  Outcomes outcomes;
};

KnownRows known_rows(const ClassPredictions& table, const Rows& rows) {
  std::map<std::string, int64_t> index;
  for (const std::string& name : table.classes)
    index.emplace(name, static_cast<int64_t>(index.size()));
  const size_t columns = table.classes.size();
  KnownRows known;
  ClassOutcomes outcomes;
  outcomes.num_classes = static_cast<int64_t>(columns);
  for (const size_t row : rows) {
    if (table.label[row].empty()) continue;
    known.rows.push_back(row);
    outcomes.truth.push_back(index.at(table.label[row]));
    outcomes.predicted.push_back(index.at(table.predicted[row]));
    const auto first = table.probability.begin() + static_cast<int64_t>(row * columns);
    outcomes.probability.insert(outcomes.probability.end(), first,
                                first + static_cast<int64_t>(columns));
  }
  known.outcomes = std::move(outcomes);
  return known;
}

KnownRows known_rows(const SurvivalPredictions& table, const std::vector<std::string>& cohort,
                     const Rows& rows) {
  KnownRows known;
  SurvivalOutcomes outcomes;
  outcomes.horizons_days = table.horizons_days;
  const size_t columns = table.horizons_days.size();
  const std::set<std::string> names(cohort.begin(), cohort.end());
  outcomes.cohort_names.assign(names.begin(), names.end());
  for (const size_t row : rows) {
    if (std::isnan(table.time_days[row])) continue;
    known.rows.push_back(row);
    outcomes.time_days.push_back(table.time_days[row]);
    outcomes.event.push_back(table.event[row]);
    outcomes.risk.push_back(table.risk[row]);
    const auto first = table.survival.begin() + static_cast<int64_t>(row * columns);
    outcomes.survival.insert(outcomes.survival.end(), first, first + static_cast<int64_t>(columns));
    if (!cohort.empty())
      outcomes.cohort.push_back(std::distance(names.begin(), names.find(cohort[row])));
  }
  known.outcomes = std::move(outcomes);
  return known;
}

KnownRows known_rows(const ValuePredictions& table, const Rows& rows) {
  const size_t columns = table.names.size();
  KnownRows known;
  ValueOutcomes outcomes;
  outcomes.num_targets = static_cast<int64_t>(columns);
  for (const size_t row : rows) {
    const auto first = table.target.begin() + static_cast<int64_t>(row * columns);
    const auto last = first + static_cast<int64_t>(columns);
    if (std::all_of(first, last, [](double value) { return std::isnan(value); })) continue;
    known.rows.push_back(row);
    outcomes.truth.insert(outcomes.truth.end(), first, last);
    const auto predicted = table.predicted.begin() + static_cast<int64_t>(row * columns);
    outcomes.predicted.insert(outcomes.predicted.end(), predicted,
                              predicted + static_cast<int64_t>(columns));
  }
  known.outcomes = std::move(outcomes);
  return known;
}

struct Group {
  std::string modalities, hidden;
  Rows rows;
};

std::vector<Group> groups_of(const PredictionTable& table) {
  std::vector<Group> groups;
  const auto add = [&](const std::string& modalities, const std::string& hidden, size_t row) {
    const auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
      return group.modalities == modalities && group.hidden == hidden;
    });
    if (found == groups.end()) {
      groups.push_back({modalities, hidden, {row}});
    } else {
      found->rows.push_back(row);
    }
  };
  std::map<std::string, std::set<std::string>> modalities_by_hidden;
  for (size_t row = 0; row < table.num_rows(); ++row)
    modalities_by_hidden[table.hidden[row]].insert(table.modalities[row]);
  for (size_t row = 0; row < table.num_rows(); ++row) {
    if (modalities_by_hidden[table.hidden[row]].size() > 1)
      add(kAnyModalities, table.hidden[row], row);
    add(table.modalities[row], table.hidden[row], row);
  }
  return groups;
}

// The metrics of one kind of prediction after those that the group has already.
void add_scores(GroupScores& group, const GroupScores& more) {
  group.num_samples = std::max(group.num_samples, more.num_samples);
  group.num_unlabelled = std::min(group.num_unlabelled, more.num_unlabelled);
  if (more.fold_names.size() > group.fold_names.size()) group.fold_names = more.fold_names;
  group.metrics.insert(group.metrics.end(), more.metrics.begin(), more.metrics.end());
}

}  // namespace

std::vector<GroupScores> score_predictions(const PredictionTable& table, const std::string& where,
                                           const Bootstrap& bootstrap,
                                           const SurvivalOutcomes* training) {
  std::vector<GroupScores> scores;
  for (const Group& group : groups_of(table)) {
    std::vector<KnownRows> kinds;
    if (table.classes) kinds.push_back(known_rows(*table.classes, group.rows));
    if (table.survival) kinds.push_back(known_rows(*table.survival, table.cohort, group.rows));
    if (table.values) kinds.push_back(known_rows(*table.values, group.rows));
    std::optional<GroupScores> all;
    for (const KnownRows& known : kinds) {
      if (known.rows.empty()) continue;
      std::vector<std::string> folds;
      if (!table.fold.empty())
        for (const size_t row : known.rows) folds.push_back(table.fold[row]);
      GroupScores own = summarize_scores(known.outcomes, folds, bootstrap, training);
      own.num_unlabelled = static_cast<int64_t>(group.rows.size() - known.rows.size());
      if (all)
        add_scores(*all, own);
      else
        all = std::move(own);
    }
    if (!all) continue;
    all->modalities = group.modalities;
    all->hidden = group.hidden;
    scores.push_back(*std::move(all));
  }
  if (scores.empty())
    throw Error(
        "{}: none of the {} rows has a known outcome; scores need labels (or times, or "
        "targets) beside the predictions",
        where, table.num_rows());
  return scores;
}

std::string task_name(const PredictionTable& table) {
  const int kinds = static_cast<int>(table.classes.has_value()) +
                    static_cast<int>(table.survival.has_value()) +
                    static_cast<int>(table.values.has_value());
  if (kinds > 1) return "joint";
  if (table.survival) return "survival";
  return table.values ? "regression" : "classification";
}

std::string describe_scores(const Scores& scores) {
  std::string text;
  for (const auto& note : scores.notes) text += "NOTE: " + note + "\n";
  const auto number = [](double value) {
    return std::isnan(value) ? std::string("undefined") : fmt::format("{:.3f}", value);
  };
  for (const GroupScores& group : scores.groups) {
    text +=
        fmt::format("{}{}: {} samples", group.modalities.empty() ? "all" : group.modalities,
                    group.hidden.empty() ? "" : ", " + group.hidden + " hidden", group.num_samples);
    if (!group.fold_names.empty()) text += fmt::format(" in {} folds", group.fold_names.size());
    if (group.num_unlabelled > 0)
      text += fmt::format(", {} left out without a known outcome", group.num_unlabelled);
    text += '\n';
    for (const auto& [name, summary] : group.metrics) {
      text += fmt::format("  {:<18} {}", name, number(summary.mean));
      if (!std::isnan(summary.sd)) text += " +- " + number(summary.sd);
      if (!std::isnan(summary.ci95[0]))
        text += fmt::format("  [{}, {}]", number(summary.ci95[0]), number(summary.ci95[1]));
      text += '\n';
    }
  }
  return text;
}

Scores run_score(const ScoreOptions& options) {
  require_absent_or_force(options.out, options.force);
  const PredictionTable table = read_predictions(options.predictions);
  Bootstrap bootstrap;
  bootstrap.seed = options.seed;
  Scores scores;
  scores.task = task_name(table);
  scores.groups = score_predictions(table, options.predictions.string(), bootstrap);
  write_text(options.out, write_scores(scores));
  return scores;
}

}  // namespace cohesin
