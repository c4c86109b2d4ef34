#include "cohesin/run/join_labels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "cohesin/base/error.h"
#include "cohesin/io/delimited.h"
#include "cohesin/io/gene_files.h"
#include "cohesin/omics/barcode.h"
#include "cohesin/omics/gene_list.h"
#include "cohesin/run/survival_columns.h"

namespace cohesin {

namespace {

// More values than this are measurements or names, not classes.
constexpr size_t kMostClasses = 40;

Column select_rows(const Column& column, const std::vector<int64_t>& rows) {
  if (column.is_text()) {
    std::vector<std::string> text;
    for (const int64_t row : rows)
      text.push_back(row < 0 ? "" : column.text()[static_cast<size_t>(row)]);
    return {column.name, std::move(text)};
  }
  std::vector<double> numbers;
  for (const int64_t row : rows)
    numbers.push_back(row < 0 ? std::numeric_limits<double>::quiet_NaN()
                              : column.numbers()[static_cast<size_t>(row)]);
  return {column.name, std::move(numbers)};
}

bool same_row(const Frame& frame, size_t a, size_t b) {
  return std::all_of(frame.columns.begin(), frame.columns.end(), [a, b](const Column& column) {
    if (column.is_text()) return column.text()[a] == column.text()[b];
    const double x = column.numbers()[a], y = column.numbers()[b];
    return x == y || (std::isnan(x) && std::isnan(y));
  });
}

// Label rows by key; repeated keys must agree or fall under --duplicates.
std::unordered_map<std::string, int64_t> index_labels(const Frame& labels, bool by_patient,
                                                      const CohortInput& input,
                                                      Findings& findings) {
  std::unordered_map<std::string, int64_t> row_of;
  for (size_t i = 0; i < labels.num_rows(); ++i) {
    const std::string key = by_patient ? patient_of(labels.index[i]) : labels.index[i];
    const auto [found, is_new] = row_of.emplace(key, static_cast<int64_t>(i));
    if (is_new) continue;
    if (same_row(labels, static_cast<size_t>(found->second), i)) {
      note(findings, "labels", "duplicate_labels", 1, key);
      continue;
    }
    if (parse_duplicates(input.duplicates) == Duplicates::kError)
      throw Error(
          "{}: '{}' has two rows that differ (rows {} and {}); pass --duplicates first to "
          "take the first",
          input.labels.string(), key, found->second + 1, i + 1);
    note(findings, "labels", "duplicate_labels", 1, key);
  }
  return row_of;
}

// What could be meant when no label fits any sample.
std::string explain_no_match(const MultiOmics& cohort, const Frame& labels,
                             const CohortInput& input) {
  const std::unordered_set<std::string> ids(labels.index.begin(), labels.index.end());
  for (const auto& modality : cohort.modalities)
    for (const auto& feature : modality.table.features)
      if (ids.count(feature) > 0)
        return fmt::format(
            "; but they fit features of '{}': pass --orientation {}="
            "features-by-samples",
            modality.name, modality.name);
  if (input.label_by == "sample") {
    std::unordered_set<std::string> patients;
    for (const auto& id : ids) patients.insert(patient_of(id));
    for (const auto& sample : cohort.obs.index)
      if (patients.count(patient_of(sample)) > 0)
        return "; but their patients agree: pass --label-by patient";
  }
  for (std::string sample : cohort.obs.index) {
    std::replace(sample.begin(), sample.end(), '.', '-');
    if (ids.count(sample) > 0 || ids.count(patient_of(sample)) > 0)
      return "; but they would with '-' in place of '.' in the samples' names: mend the names";
  }
  return "; is --label-id the column with the samples' names?";
}

void name_classes(Frame& obs, const CohortInput& input, Findings& findings) {
  for (const auto& assignment : input.class_names) {
    const auto [name, file] = split_assignment(assignment, "--class-names");
    const auto names = read_class_names(file);
    const Column& column = obs.at(name, input.labels.string());
    std::vector<std::string> values = column_as_text(column);
    std::unordered_set<std::string> used;
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].empty()) continue;
      const auto found = names.find(values[i]);
      if (found == names.end())
        throw Error("{}: no name for the value '{}' of column '{}' (sample '{}')", file, values[i],
                    name, obs.index[i]);
      used.insert(values[i]);
      values[i] = found->second;
    }
    for (const auto& [value, unused] : names)
      if (used.count(value) == 0)
        note(findings, "labels", "class_names_without_sample:" + name, 1, value);
    obs.set({name, std::move(values)});
  }
}

bool may_be_classes(const Column& column) {
  if (column.is_text()) return true;
  return std::all_of(column.numbers().begin(), column.numbers().end(),
                     [](double value) { return std::isnan(value) || value == std::floor(value); });
}

// Missing labels of each column, and how many samples have each value where these are classes.
void count_classes(const Frame& obs, const std::vector<std::string>& names, Findings& findings) {
  for (const auto& name : names) {
    const Column& column = *obs.find(name);
    const auto values = column_as_text(column);
    std::map<std::string, std::pair<int64_t, std::string>> classes;
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].empty()) {
        note(findings, "labels", "empty:" + name, 1, obs.index[i]);
        continue;
      }
      auto& [count, first] = classes[values[i]];
      if (count++ == 0) first = obs.index[i];
    }
    if (classes.empty() || classes.size() > kMostClasses || !may_be_classes(column) ||
        classes.size() * 2 > values.size())
      continue;
    for (const auto& [value, seen] : classes)
      note(findings, "labels", fmt::format("class:{}={}", name, value), seen.first, seen.second);
  }
}

void fill_patients(Frame& obs, const CohortInput& input, const std::vector<std::string>& told) {
  const std::string column = input.patient.empty() ? "patient" : input.patient;
  std::vector<std::string> patients(obs.num_rows());
  if (!input.patient.empty()) {
    patients =
        column_as_text(obs.at(column, input.labels.empty() ? "the cohort" : input.labels.string()));
  } else if (const Column* found = obs.find(column)) {
    patients = column_as_text(*found);
  }
  for (size_t i = 0; i < patients.size(); ++i) {
    if (patients[i].empty()) patients[i] = told[i];
    if (patients[i].empty()) patients[i] = patient_of(obs.index[i]);
  }
  // the grouping key stands first
  std::erase_if(obs.columns, [](const Column& present) { return present.name == "patient"; });
  obs.columns.insert(obs.columns.begin(), Column{"patient", std::move(patients)});
}

// The label columns of obs, in order.
std::vector<std::string> join_columns(MultiOmics& cohort, const CohortInput& input,
                                      const std::vector<std::string>& told_patients,
                                      Findings& findings) {
  if (input.label_by != "sample" && input.label_by != "patient")
    throw Error("--label-by '{}': expected sample or patient", input.label_by);
  const bool by_patient = input.label_by == "patient";
  const Frame labels = read_frame(input.labels, input.label_id);
  const auto row_of = index_labels(labels, by_patient, input, findings);
  std::vector<int64_t> rows;
  std::unordered_set<int64_t> used;
  std::string first_without;
  int64_t num_without = 0;
  for (size_t i = 0; i < cohort.num_samples(); ++i) {
    const std::string& sample = cohort.obs.index[i];
    auto found = row_of.find(by_patient && !told_patients[i].empty() ? told_patients[i]
                             : by_patient                            ? patient_of(sample)
                                                                     : sample);
    rows.push_back(found == row_of.end() ? -1 : found->second);
    if (found != row_of.end()) {
      used.insert(found->second);
    } else if (num_without++ == 0) {
      first_without = sample;
    }
  }
  if (used.empty())
    throw Error("{}: no label fits a sample (first label: '{}', first sample: '{}'){}",
                input.labels.string(), labels.index.front(), cohort.obs.index.front(),
                explain_no_match(cohort, labels, input));
  note(findings, "labels", "samples_with_labels",
       static_cast<int64_t>(cohort.num_samples()) - num_without);
  note(findings, "labels", "samples_without_labels", num_without, first_without);
  for (const auto& [key, row] : row_of)
    if (used.count(row) == 0) note(findings, "labels", "labels_for_unknown_samples", 1);
  std::vector<std::string> names;
  for (const auto& column : labels.columns) {
    if (column.name == "cohort" && !input.cohorts.empty()) {  // --cohort says it
      note(findings, "labels", "columns_not_taken", 1, column.name);
      continue;
    }
    names.push_back(column.name);
    cohort.obs.set(select_rows(column, rows));
  }
  // the first in the order of the file, not of the hash table
  for (size_t i = 0; i < labels.num_rows(); ++i) {
    const auto key = by_patient ? patient_of(labels.index[i]) : labels.index[i];
    if (used.count(row_of.at(key)) > 0) continue;
    for (auto& finding : findings)
      if (finding.what == "labels_for_unknown_samples") finding.first = labels.index[i];
    break;
  }
  return names;
}

}  // namespace

void join_labels(MultiOmics& cohort, const CohortInput& input, Findings& findings) {
  Frame& obs = cohort.obs;
  const Column* given = obs.find("patient");
  const auto told =
      given == nullptr ? std::vector<std::string>(obs.num_rows()) : column_as_text(*given);
  std::vector<std::string> names;
  if (!input.labels.empty()) {
    names = join_columns(cohort, input, told, findings);
  } else if (!input.class_names.empty() || !input.label_id.empty()) {
    throw Error("--class-names and --label-id speak of the columns of --labels FILE: pass it");
  }
  name_classes(obs, input, findings);
  fill_patients(obs, input, told);
  add_survival_columns(obs, input, findings);
  std::erase_if(names, [](const std::string& name) { return name == "patient"; });
  if (obs.find("cohort") != nullptr &&
      std::find(names.begin(), names.end(), "cohort") == names.end())
    names.insert(names.begin(), "cohort");
  count_classes(obs, names, findings);
}

}  // namespace cohesin
