#include "cohesin/omics/append_table.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace cohesin {

namespace {

// Moves each row into a wider one; new columns are NaN.
void widen(Table& table, size_t old_width, size_t width) {
  std::vector<float> wider(table.num_samples() * width, kNotMeasured);
  for (size_t s = 0; s < table.num_samples(); ++s)
    std::copy_n(table.values.begin() + static_cast<std::ptrdiff_t>(s * old_width), old_width,
                wider.begin() + static_cast<std::ptrdiff_t>(s * width));
  table.values = std::move(wider);
}

}  // namespace

AppendedFeatures append_rows(Table& table, const Table& more) {
  if (table.features.empty() && table.samples.empty()) {
    table = more;
    return {};
  }
  table.values.reserve(table.values.size() + more.values.size());
  AppendedFeatures appended;
  if (table.features == more.features) {
    table.values.insert(table.values.end(), more.values.begin(), more.values.end());
  } else {
    std::unordered_map<std::string, size_t> column_of;
    for (size_t f = 0; f < table.features.size(); ++f) column_of.emplace(table.features[f], f);
    const size_t old_width = table.num_features();
    std::vector<size_t> target(more.num_features());
    std::vector<bool> has(old_width, false);
    for (size_t f = 0; f < more.num_features(); ++f) {
      const auto [found, is_new] = column_of.emplace(more.features[f], table.features.size());
      target[f] = found->second;
      if (!is_new) {
        has[found->second] = true;
        continue;
      }
      if (appended.num_new++ == 0) appended.first_new = more.features[f];
      table.features.push_back(more.features[f]);
    }
    for (size_t f = 0; f < old_width; ++f)
      if (!has[f] && appended.num_lacking++ == 0) appended.first_lacking = table.features[f];
    if (appended.num_new > 0) widen(table, old_width, table.num_features());
    const size_t width = table.num_features();
    const size_t start = table.values.size();
    table.values.resize(start + more.num_samples() * width, kNotMeasured);
    for (size_t s = 0; s < more.num_samples(); ++s)
      for (size_t f = 0; f < target.size(); ++f)
        table.values[start + s * width + target[f]] = more.row(s)[f];
  }
  table.samples.insert(table.samples.end(), more.samples.begin(), more.samples.end());
  return appended;
}

}  // namespace cohesin
