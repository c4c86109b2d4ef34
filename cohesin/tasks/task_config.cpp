#include "cohesin/tasks/task_config.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "cohesin/base/error.h"

namespace cohesin {

namespace {

std::string kind_name(TaskKind kind) {
  if (kind == TaskKind::classification) return "classification";
  return kind == TaskKind::survival ? "survival" : "regression";
}

void expect_one_of(const std::string& where, const std::string& key, const std::string& value,
                   const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  std::string list;
  for (size_t i = 0; i < choices.size(); ++i)
    list += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i];
  const std::string nearest = nearest_name(value, choices);
  throw Error("{}: task.{}: expected {}, got '{}'{}", where, key, list, value,
              nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest));
}

void check_outcomes(const TaskConfig& task, const std::string& where) {
  if (task.name == "joint") {
    for (const auto& kind : task.kinds)
      expect_one_of(where, "kinds", kind, {"classification", "survival", "regression"});
    if (std::set<std::string>(task.kinds.begin(), task.kinds.end()).size() < 2)
      throw Error("{}: task.kinds: a joint task has two or three different kinds, got {}", where,
                  task.kinds.size());
  }
  if (task.asks(TaskKind::classification) && task.target.empty())
    throw Error("{}: task.target: name the label column of the cohort to predict", where);
  if (task.asks(TaskKind::regression) && task.values.empty())
    throw Error("{}: task.values: name the columns of the cohort to predict", where);
  for (size_t h = 0; h < task.horizons_days.size(); ++h)
    if (!(task.horizons_days[h] > 0) ||
        (h > 0 && task.horizons_days[h] <= task.horizons_days[h - 1]))
      throw Error("{}: task.horizons_days: expected rising days above 0, got {} at place {}", where,
                  task.horizons_days[h], h + 1);
  expect_one_of(where, "ties", task.ties, {"efron", "breslow"});
  expect_one_of(where, "hazard", task.hazard, {"cox", "discrete"});
  expect_one_of(where, "weighting", task.weighting, {"uncertainty", "equal"});
  if (task.intervals < 2)
    throw Error("{}: task.intervals: expected 2 or more, got {}", where, task.intervals);
}

}  // namespace

void TaskConfig::visit(Fields& field) {
  field("name", name, "masked_lm, classification, survival, regression, joint or tracks");
  field("target", target, "label column of the cohort; of a regression the column of numbers");
  field("classes", classes, "class names in the order of the outputs (filled in by training)");
  field("covariates", covariates,
        "columns of the cohort (age, stage, ...) that join the shallow and linear path");
  field("deep_path", deep_path, "use the model's embedding");
  field("hidden_sizes", hidden_sizes, "widths of the SELU layers of the head");
  field("layer_norm", layer_norm, "normalise before the head's last layer");
  field("dropout", dropout, "before the head's last layer");
  field("shallow_path", shallow_path, "a two-layer network on the scaled values, added beside");
  field("shallow_hidden_size", shallow_hidden_size, "width of the shallow path, an omic");
  field("shallow_dropout", shallow_dropout, "on the shallow path's hidden layer");
  field("shallow_input_dropout", shallow_input_dropout, "on the shallow path's input values");
  field("linear_path", linear_path, "a ridge regression on the scaled values, added beside");
  field("linear_penalty", linear_penalty,
        "the linear path's: half of this times the sum of its squared weights joins the loss");
  field("linear_alone", linear_alone,
        "linear path: weights of their own for samples that have one modality alone");
  field("ties", ties, "survival: efron or breslow, for events at one time");
  field("stratify_by", stratify_by,
        "survival: column whose values have a baseline hazard of their own; empty = none");
  field("horizons_days", horizons_days, "survival: times at which its probability is predicted");
  field("hazard", hazard,
        "survival: cox (proportional hazards), or discrete (one hazard an interval of time)");
  field("intervals", intervals, "discrete hazards: how many, with about as many events each");
  field("interval_ends_days", interval_ends_days,
        "discrete hazards: where the intervals end (filled in by training)");
  field("values", values, "regression: columns of numbers to predict");
  field("value_means", value_means, "regression: of the training samples (filled in by training)");
  field("value_sds", value_sds, "regression: of the training samples (filled in by training)");
  field("kinds", kinds, "joint: two or three of classification, survival, regression");
  field("weighting", weighting,
        "joint: uncertainty (each loss by a learnt weight, Kendall et al. 2018), or equal");
  field("masked_fraction", masked_fraction, "positions selected in masked language modelling");
  tracks.visit(field);
  field("pool", pool, "sequences: what the head reads, the mean over letters or cls");
  field("per_letter", per_letter,
        "sequences, classification: `target` holds a class a letter, as text of the same length "
        "('?' = not known)");
  field("max_tokens", max_tokens, "sequences: of one; 0 = as in the model's training");
  field("too_long", too_long,
        "sequences: error, or crop (to the beginning; in masked_lm to a window drawn each epoch)");
}

bool TaskConfig::asks(TaskKind kind) const {
  if (name == "joint") return std::find(kinds.begin(), kinds.end(), kind_name(kind)) != kinds.end();
  return name == kind_name(kind);
}

TaskConfig::Span TaskConfig::outputs_of(TaskKind kind) const {
  Span span;
  const auto add = [&](TaskKind one, int64_t count) {
    if (one == kind) span.count = asks(one) ? count : 0;
    if (one < kind && asks(one)) span.begin += count;
  };
  add(TaskKind::classification, std::ssize(classes));
  add(TaskKind::survival, discrete_hazards() ? std::ssize(interval_ends_days) : 1);
  add(TaskKind::regression, std::ssize(values));
  return span;
}

int64_t TaskConfig::num_outputs() const {
  const Span last = outputs_of(TaskKind::regression);
  return last.begin + last.count;
}

void TaskConfig::resolve() {
  if (name == "regression" && values.empty() && !target.empty()) values = {target};
}

void TaskConfig::check(const std::string& where) const {
  expect_one_of(where, "name", name,
                {"masked_lm", "classification", "survival", "regression", "joint", "tracks"});
  check_outcomes(*this, where);
  tracks.check(where);
  if (has_head() && !deep_path && !wide_path())
    throw Error(
        "{}: task: deep_path, shallow_path and linear_path are all off; nothing would be learnt",
        where);
  expect_one_of(where, "pool", pool, {"mean", "cls"});
  expect_one_of(where, "too_long", too_long, {"error", "crop"});
  if (max_tokens < 0)
    throw Error("{}: task.max_tokens: expected 0 or more, got {}", where, max_tokens);
  if (per_letter && name != "classification")
    throw Error("{}: task.per_letter: a class a letter is for task.name classification, got '{}'",
                where, name);
  if (!covariates.empty() && !wide_path())
    throw Error(
        "{}: task.covariates join the shallow or the linear path, and both are off; set "
        "task.linear_path or task.shallow_path",
        where);
  const std::vector<std::pair<const char*, double>> fractions = {
      {"dropout", dropout},
      {"shallow_dropout", shallow_dropout},
      {"shallow_input_dropout", shallow_input_dropout},
      {"masked_fraction", masked_fraction}};
  for (const auto& [key, value] : fractions)
    if (!(value >= 0 && value < 1))
      throw Error("{}: task.{}: expected a fraction in [0, 1), got {}", where, key, value);
  for (const int64_t size : hidden_sizes)
    if (size <= 0)
      throw Error("{}: task.hidden_sizes: expected positive widths, got {}", where, size);
  if (shallow_hidden_size <= 0)
    throw Error("{}: task.shallow_hidden_size: expected a positive width, got {}", where,
                shallow_hidden_size);
  if (!(linear_penalty >= 0))
    throw Error("{}: task.linear_penalty: expected 0 or more, got {}", where, linear_penalty);
}

}  // namespace cohesin
