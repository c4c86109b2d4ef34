// Labels, patients and the inner validation part of a cohort.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"
#include "cohesin/run/omics_fit.h"

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

}  // namespace

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
