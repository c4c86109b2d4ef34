#include "cohesin/run/task_targets.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"

namespace cohesin {

namespace {

bool as_number(const std::string& text, double& number) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool number_or_text_before(const std::string& a, const std::string& b) {
  double x = 0, y = 0;
  if (as_number(a, x) && as_number(b, y) && x != y) return x < y;
  return a < b;
}

const std::vector<double>& numbers_of(const MultiOmics& cohort, const std::string& name) {
  const Column* column = cohort.obs.find(name);
  if (column == nullptr || column->is_text())
    throw Error(
        "the cohort has no follow-up (no numbers in column '{}'); give `prepare omics` --time and "
        "--event",
        name);
  return column->numbers();
}

// Times and events; a sample lacks both or none.
SurvivalTargets read_follow_up(const MultiOmics& cohort, const std::string& stratify_by) {
  SurvivalTargets follow_up;
  follow_up.time_days = numbers_of(cohort, "time_days");
  const std::vector<double>& events = numbers_of(cohort, "event");
  for (size_t i = 0; i < events.size(); ++i) {
    double& time = follow_up.time_days[i];
    if (std::isnan(events[i])) time = std::nan("");
    if (!std::isnan(time) && (time < 0 || (events[i] != 0 && events[i] != 1)))
      throw Error("sample '{}': time_days {} and event {}; expected 0 or more, and 0 or 1",
                  cohort.obs.index[i], time, events[i]);
    follow_up.event.push_back(!std::isnan(time) && events[i] == 1 ? 1 : 0);
  }
  if (stratify_by.empty()) return follow_up;
  std::map<std::string, int64_t> number;
  for (const auto& text : column_as_text(cohort.obs.at(stratify_by, "task.stratify_by")))
    follow_up.stratum.push_back(
        number.emplace(text, static_cast<int64_t>(number.size())).first->second);
  return follow_up;
}

// Mean and sd of each value among the samples.
void fit_values(TaskConfig& task, const TaskTargets& targets, const std::vector<int64_t>& samples) {
  for (size_t v = 0; v < targets.num_values; ++v) {
    double count = 0, sum = 0, squares = 0;
    for (const int64_t sample : samples) {
      const double value = targets.values[static_cast<size_t>(sample) * targets.num_values + v];
      if (std::isnan(value)) continue;
      count += 1;
      sum += value;
      squares += value * value;
    }
    const double mean = sum / count;
    const double variance = squares / count - mean * mean;
    if (!(variance > 0))
      throw Error("task.values: '{}' is the same, or not known, in all {} training samples",
                  task.values[v], samples.size());
    task.value_means.push_back(mean);
    task.value_sds.push_back(std::sqrt(variance));
  }
}

void read_survival(const MultiOmics& cohort, TaskConfig& task, const std::vector<int64_t>& samples,
                   TaskTargets& targets) {
  targets.survival = read_follow_up(cohort, task.stratify_by);
  const SurvivalTargets training = targets.follow_up(samples);
  if (std::count(training.event.begin(), training.event.end(), 1) == 0)
    throw Error(
        "none of the {} samples to train on has an observed event; survival cannot be "
        "learnt from them",
        samples.size());
  if (task.discrete_hazards() && task.interval_ends_days.empty())
    task.interval_ends_days = interval_ends(training, task.intervals);
}

}  // namespace

bool TaskTargets::known(TaskKind kind, int64_t sample) const {
  const auto i = static_cast<size_t>(sample);
  if (kind == TaskKind::classification) return !labels.empty() && labels[i] >= 0;
  if (kind == TaskKind::survival)
    return !survival.time_days.empty() && !std::isnan(survival.time_days[i]);
  for (size_t v = 0; v < num_values; ++v)
    if (!std::isnan(values[i * num_values + v])) return true;
  return false;
}

bool TaskTargets::known(int64_t sample) const {
  return known(TaskKind::classification, sample) || known(TaskKind::survival, sample) ||
         known(TaskKind::regression, sample);
}

std::vector<int64_t> TaskTargets::strata() const {
  const size_t count = std::max({labels.size(), survival.time_days.size(),
                                 num_values == 0 ? size_t{0} : values.size() / num_values});
  std::vector<int64_t> strata(count, -1);
  for (size_t i = 0; i < count; ++i) {
    const auto sample = static_cast<int64_t>(i);
    if (!known(sample)) continue;
    strata[i] = labels.empty() ? 0 : 3 * (labels[i] + 1);
    if (known(TaskKind::survival, sample)) strata[i] += 1 + survival.event[i];
  }
  return strata;
}

SurvivalTargets TaskTargets::follow_up(const std::vector<int64_t>& samples) const {
  SurvivalTargets part;
  for (const int64_t sample : samples) {
    const auto i = static_cast<size_t>(sample);
    part.time_days.push_back(survival.time_days[i]);
    part.event.push_back(survival.event[i]);
    if (!survival.stratum.empty()) part.stratum.push_back(survival.stratum[i]);
  }
  return part;
}

std::vector<double> read_values(const MultiOmics& cohort, const std::vector<std::string>& columns,
                                bool columns_may_lack) {
  std::vector<double> values(cohort.num_samples() * columns.size(), std::nan(""));
  for (size_t v = 0; v < columns.size(); ++v) {
    if (columns_may_lack && cohort.obs.find(columns[v]) == nullptr) continue;
    const Column& column = cohort.obs.at(columns[v], "task.values");
    if (column.is_text())
      throw Error("task.values: column '{}' holds text; regression predicts numbers", columns[v]);
    for (size_t i = 0; i < cohort.num_samples(); ++i)
      values[i * columns.size() + v] = column.numbers()[i];
  }
  return values;
}

TaskTargets read_targets(const MultiOmics& cohort, TaskConfig& task,
                         const std::vector<int64_t>& samples) {
  TaskTargets targets;
  if (task.asks(TaskKind::classification)) {
    if (task.classes.empty()) task.classes = class_labels(cohort, task.target, samples).classes;
    targets.labels = labels_by_class(cohort, task.target, task.classes);
  }
  if (task.asks(TaskKind::survival)) read_survival(cohort, task, samples, targets);
  if (task.asks(TaskKind::regression)) {
    targets.values = read_values(cohort, task.values);
    targets.num_values = task.values.size();
    if (task.value_means.empty()) fit_values(task, targets, samples);
  }
  return targets;
}

ClassLabels class_labels(const MultiOmics& cohort, const std::string& target,
                         const std::vector<int64_t>& samples) {
  const auto text = column_as_text(cohort.obs.at(target, "task.target"));
  std::set<std::string> found;
  for (const int64_t sample : samples)
    if (!text[static_cast<size_t>(sample)].empty()) found.insert(text[static_cast<size_t>(sample)]);
  if (found.size() < 2)
    throw Error(
        "task.target: column '{}' has {} among the {} samples; at least two classes are needed",
        target, found.empty() ? "no label" : "one class only ('" + *found.begin() + "')",
        samples.size());
  ClassLabels result;
  result.classes.assign(found.begin(), found.end());
  std::sort(result.classes.begin(), result.classes.end(), number_or_text_before);
  result.labels = labels_by_class(cohort, target, result.classes);
  return result;
}

std::vector<int64_t> labels_by_class(const MultiOmics& cohort, const std::string& target,
                                     const std::vector<std::string>& classes) {
  std::map<std::string, int64_t> number;
  for (const auto& name : classes) number.emplace(name, static_cast<int64_t>(number.size()));
  for (size_t c = 0; c < classes.size(); ++c) number[classes[c]] = static_cast<int64_t>(c);
  std::vector<int64_t> labels;
  for (const auto& text : column_as_text(cohort.obs.at(target, "task.target"))) {
    const auto found = number.find(text);
    labels.push_back(found == number.end() ? -1 : found->second);
  }
  return labels;
}

std::vector<std::string> patients_of(const MultiOmics& cohort) {
  const Column* column = cohort.obs.find("patient");
  std::vector<std::string> patients =
      column == nullptr ? cohort.obs.index : column_as_text(*column);
  for (size_t i = 0; i < patients.size(); ++i)
    if (patients[i].empty()) patients[i] = cohort.obs.index[i];
  return patients;
}

std::vector<int64_t> draw_validation(const MultiOmics& cohort, const std::vector<int64_t>& samples,
                                     const std::vector<int64_t>& labels, double fraction,
                                     uint64_t seed) {
  if (fraction <= 0) return {};
  const auto patients = patients_of(cohort);
  // A patient counts for the class of the first sample; patients in the order of a hash.
  std::map<int64_t, std::map<std::string, std::vector<int64_t>>> by_class;
  std::map<std::string, int64_t> class_of;
  for (const int64_t sample : samples) {
    const auto& patient = patients[static_cast<size_t>(sample)];
    const int64_t label = labels.empty() ? 0 : labels[static_cast<size_t>(sample)];
    const int64_t stratum = class_of.emplace(patient, label).first->second;
    by_class[stratum][patient].push_back(sample);
  }
  std::set<int64_t> drawn;
  for (const auto& [stratum, members] : by_class) {
    std::vector<std::pair<uint64_t, std::string>> order;
    for (const auto& [patient, rows] : members)
      order.emplace_back(RandomStream(seed, "validation/" + patient).next_word64(), patient);
    std::sort(order.begin(), order.end());
    const auto count =
        static_cast<size_t>(std::lround(fraction * static_cast<double>(order.size())));
    for (size_t i = 0; i < std::min(count, order.size() - 1); ++i)
      for (const int64_t sample : members.at(order[i].second)) drawn.insert(sample);
  }
  std::vector<int64_t> validation;
  for (const int64_t sample : samples)
    if (drawn.count(sample) != 0) validation.push_back(sample);
  return validation;
}

}  // namespace cohesin
