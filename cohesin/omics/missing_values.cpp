#include "cohesin/omics/missing_values.h"

#include <algorithm>
#include <cmath>

#include "cohesin/base/error.h"

namespace cohesin {

namespace {

double median(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (static_cast<double>(*middle) + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace

MissingValues parse_missing_values(const std::string& text) {
  if (text == "error") return MissingValues::kError;
  if (text == "mask") return MissingValues::kMask;
  if (text == "median") return MissingValues::kMedian;
  throw Error("--missing-values '{}': expected error, mask or median", text);
}

void settle_missing_values(Table& table, MissingValues policy, const std::vector<uint8_t>& in_list,
                           const std::string& modality, const std::string& where,
                           Findings& findings) {
  const size_t num_features = table.num_features();
  std::vector<int64_t> num_missing(num_features, 0);
  int64_t total = 0;
  std::string first;
  for (size_t s = 0; s < table.num_samples(); ++s) {
    const float* row = table.row(s);
    for (size_t f = 0; f < num_features; ++f) {
      if (!std::isnan(row[f]) || (!in_list.empty() && in_list[f] == 0)) continue;
      ++num_missing[f];
      if (total++ == 0)
        first = fmt::format("sample {}, feature {}", table.samples[s], table.features[f]);
    }
  }
  if (total == 0) return;
  if (policy == MissingValues::kError)
    throw Error(
        "{}: {} of {} values are not measured (first: {}); pass --missing-values mask to "
        "hide them from the model, or median to fill them",
        where, total, table.values.size(), first);
  note(findings, modality, "missing_values", total, first);
  std::vector<float> measured;
  for (size_t f = 0; f < num_features; ++f) {
    if (num_missing[f] == 0) continue;
    if (num_missing[f] == static_cast<int64_t>(table.num_samples())) {
      note(findings, modality, "features_never_measured", 1, table.features[f]);
      continue;
    }
    if (policy != MissingValues::kMedian) continue;
    measured.clear();
    for (size_t s = 0; s < table.num_samples(); ++s)
      if (!std::isnan(table.row(s)[f])) measured.push_back(table.row(s)[f]);
    const auto fill = static_cast<float>(median(measured));
    for (size_t s = 0; s < table.num_samples(); ++s)
      if (std::isnan(table.row(s)[f])) table.row(s)[f] = fill;
  }
}

}  // namespace cohesin
