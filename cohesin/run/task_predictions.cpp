#include "cohesin/run/task_predictions.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

#include "cohesin/run/task_targets.h"

namespace cohesin {

namespace {

ClassPredictions class_rows(const SamplePredictions& predictions, const TaskConfig& task,
                            const MultiOmics& cohort) {
  const std::vector<std::string>& classes = task.classes;
  const Column* column = cohort.obs.find(task.target);
  const auto text =
      column == nullptr ? std::vector<std::string>(cohort.num_samples()) : column_as_text(*column);
  const std::set<std::string> known(classes.begin(), classes.end());
  ClassPredictions rows;
  rows.classes = classes;
  const std::vector<double>& probability = predictions.answers.probability;
  rows.probability = probability;
  for (size_t i = 0; i < predictions.samples.size(); ++i) {
    const std::string& label = text[static_cast<size_t>(predictions.samples[i])];
    rows.label.push_back(known.count(label) != 0 ? label : "");
    const auto first = probability.begin() + static_cast<int64_t>(i * classes.size());
    const auto best = std::max_element(first, first + static_cast<int64_t>(classes.size()));
    rows.predicted.push_back(classes[static_cast<size_t>(best - first)]);
  }
  return rows;
}

// The classes that are not stranger than a share 1 - coverage of the calibration samples. Too few
// of them would put every class into every set.
void add_sets(const HeadAnswers& answers, double coverage, ClassPredictions& rows) {
  if (answers.num_calibration + 1 < 1 / (1 - coverage)) return;
  rows.coverage = coverage;
  const size_t width = rows.classes.size();
  for (size_t i = 0; i < rows.predicted.size(); ++i) {
    std::string set;
    for (size_t k = 0; k < width; ++k) {
      const double p = (answers.stranger[i * width + k] + 1) / (answers.num_calibration + 1);
      if (p > 1 - coverage) set += (set.empty() ? "" : ";") + rows.classes[k];
    }
    rows.set.push_back(set);
  }
}

SurvivalPredictions survival_rows(const SamplePredictions& predictions, const TaskConfig& task,
                                  const MultiOmics& cohort) {
  const auto numbers = [&cohort](const char* name) {
    const Column* column = cohort.obs.find(name);
    return column == nullptr || column->is_text()
               ? std::vector<double>(cohort.num_samples(), std::nan(""))
               : column->numbers();
  };
  const std::vector<double> time = numbers("time_days"), event = numbers("event");
  SurvivalPredictions rows;
  rows.risk = predictions.answers.risk;
  rows.horizons_days = task.horizons_days;
  rows.survival = predictions.answers.survival;
  const std::vector<double>& cuts = predictions.answers.risk_cuts;
  if (cuts.size() == 2)
    for (const double risk : rows.risk)
      rows.group.emplace_back(risk <= cuts[0] ? "low" : risk <= cuts[1] ? "middle" : "high");
  for (const int64_t sample : predictions.samples) {
    const auto i = static_cast<size_t>(sample);
    const bool known = !std::isnan(time[i]) && !std::isnan(event[i]);
    rows.time_days.push_back(known ? time[i] : std::nan(""));
    rows.event.push_back(known && event[i] == 1 ? 1 : 0);
  }
  return rows;
}

ValuePredictions value_rows(const SamplePredictions& predictions, const TaskConfig& task,
                            const MultiOmics& cohort) {
  const std::vector<double> all = read_values(cohort, task.values, /*columns_may_lack=*/true);
  ValuePredictions rows;
  rows.names = task.values;
  rows.predicted = predictions.answers.values;
  const auto width = std::ssize(task.values);
  for (const int64_t sample : predictions.samples)
    rows.target.insert(rows.target.end(), all.begin() + sample * width,
                       all.begin() + (sample + 1) * width);
  return rows;
}

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

PredictionTable prediction_table(const SamplePredictions& predictions, const TaskConfig& task,
                                 const MultiOmics& asked, const std::string& fold,
                                 const std::string& hidden, double coverage) {
  const MultiOmics& cohort = predictions.rows == nullptr ? asked : *predictions.rows;
  PredictionTable table;
  table.unusual = predictions.unusual;
  for (const int64_t sample : predictions.samples) {
    table.sample.push_back(cohort.obs.index[static_cast<size_t>(sample)]);
    if (!fold.empty()) table.fold.push_back(fold);
    table.hidden.push_back(hidden);
  }
  table.modalities = predictions.modalities;
  if (const Column* column = cohort.obs.find("cohort"); column != nullptr) {
    const std::vector<std::string> names = column_as_text(*column);
    for (const int64_t sample : predictions.samples)
      table.cohort.push_back(names[static_cast<size_t>(sample)]);
  }
  const HeadAnswers& answers = predictions.answers;
  if (!answers.probability.empty()) {
    table.classes = class_rows(predictions, task, cohort);
    add_sets(answers, coverage, *table.classes);
  }
  if (!answers.risk.empty()) table.survival = survival_rows(predictions, task, cohort);
  if (!answers.values.empty()) table.values = value_rows(predictions, task, cohort);
  return table;
}

void append_rows(PredictionTable& table, const PredictionTable& more) {
  if (more.num_rows() == 0) return;
  if (table.num_rows() == 0) {
    table = more;
    return;
  }
  append(table.sample, more.sample);
  append(table.fold, more.fold);
  append(table.modalities, more.modalities);
  append(table.hidden, more.hidden);
  append(table.cohort, more.cohort);
  if (table.unusual.empty() != more.unusual.empty())
    table.unusual.clear();  // of some members it is not known
  else
    append(table.unusual, more.unusual);
  if (table.classes) {
    append(table.classes->label, more.classes->label);
    append(table.classes->predicted, more.classes->predicted);
    append(table.classes->probability, more.classes->probability);
    if (table.classes->coverage != more.classes->coverage) {
      table.classes->coverage = 0;  // some fold has too few calibration samples
      table.classes->set.clear();
    } else {
      append(table.classes->set, more.classes->set);
    }
  }
  if (table.survival) {
    append(table.survival->time_days, more.survival->time_days);
    append(table.survival->event, more.survival->event);
    append(table.survival->risk, more.survival->risk);
    append(table.survival->survival, more.survival->survival);
    append(table.survival->group, more.survival->group);
  }
  if (table.values) {
    append(table.values->target, more.values->target);
    append(table.values->predicted, more.values->predicted);
  }
}

}  // namespace cohesin
