#include "cohesin/run/permute_labels.h"

#include <algorithm>
#include <cmath>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"

namespace cohesin {

namespace {

std::vector<std::string> outcome_columns(const TaskConfig& task) {
  std::vector<std::string> columns;
  if (task.asks(TaskKind::classification)) columns.push_back(task.target);
  if (task.asks(TaskKind::survival)) columns.insert(columns.end(), {"time_days", "event"});
  if (task.asks(TaskKind::regression))
    columns.insert(columns.end(), task.values.begin(), task.values.end());
  if (columns.empty())
    throw Error("--permute-labels: no outcome is known of the task {}", task.name);
  return columns;
}

bool is_known(const Column& column, size_t i) {
  return column.is_text() ? !column.text()[i].empty() : !std::isnan(column.numbers()[i]);
}

template <typename T>
void exchange(std::vector<T>& values, const std::vector<size_t>& members,
              const std::vector<int64_t>& order) {
  const std::vector<T> before = values;
  for (size_t k = 0; k < members.size(); ++k)
    values[members[k]] = before[members[static_cast<size_t>(order[k])]];
}

}  // namespace

std::string permutation_note(uint64_t seed) {
  return fmt::format(
      "LABELS WERE PERMUTED among the samples (--permute-labels {}): these scores show what the "
      "pipeline reaches by chance, and nothing about the data",
      seed);
}

std::string permute_outcomes(MultiOmics& cohort, const TaskConfig& task,
                             const std::vector<int64_t>& samples, uint64_t seed) {
  std::vector<Column*> columns;
  for (const auto& name : outcome_columns(task)) {
    cohort.obs.at(name, "--permute-labels");
    columns.push_back(&*std::find_if(cohort.obs.columns.begin(), cohort.obs.columns.end(),
                                     [&name](const Column& one) { return one.name == name; }));
  }
  std::vector<size_t> members;
  for (const int64_t sample : samples)
    if (std::all_of(columns.begin(), columns.end(), [sample](const Column* column) {
          return is_known(*column, static_cast<size_t>(sample));
        }))
      members.push_back(static_cast<size_t>(sample));
  const auto order =
      RandomStream(seed, "permute-labels").permutation(static_cast<int64_t>(members.size()));
  for (Column* column : columns) {
    if (column->is_text())
      exchange(column->text(), members, order);
    else
      exchange(column->numbers(), members, order);
  }
  std::string text = "sample\tfrom\n";
  for (size_t k = 0; k < members.size(); ++k)
    text += fmt::format("{}\t{}\n", cohort.obs.index[members[k]],
                        cohort.obs.index[members[static_cast<size_t>(order[k])]]);
  return text;
}

}  // namespace cohesin
