#include "cohesin/omics/identical_samples.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

namespace cohesin {

namespace {

constexpr size_t kFewestValues = 20;

bool has_few_values(const float* row, size_t size) {
  std::unordered_set<float> seen;
  for (size_t f = 0; f < size && seen.size() < kFewestValues; ++f)
    if (!std::isnan(row[f])) seen.insert(row[f]);
  return seen.size() < kFewestValues;
}

// FNV-1a over the values' bits.
uint64_t hash_row(const float* row, size_t size) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (size_t f = 0; f < size; ++f) {
    uint32_t bits = 0;
    if (!std::isnan(row[f])) std::memcpy(&bits, row + f, sizeof bits);
    hash = (hash ^ (std::isnan(row[f]) ? 0x7fc00000U : bits)) * 0x100000001b3ULL;
  }
  return hash;
}

bool same_values(const float* a, const float* b, size_t size) {
  return std::equal(a, a + size, b,
                    [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

}  // namespace

std::vector<IdenticalPair> identical_samples(const MultiOmics& cohort) {
  std::vector<IdenticalPair> pairs;
  for (const auto& modality : cohort.modalities) {
    const Table& table = modality.table;
    const size_t size = table.num_features();
    std::unordered_map<uint64_t, std::vector<int64_t>> seen;  // samples that repeat none before
    for (size_t sample = 0; sample < cohort.num_samples(); ++sample) {
      const int64_t row = modality.row_of[sample];
      if (row < 0) continue;
      const float* values = table.row(static_cast<size_t>(row));
      if (has_few_values(values, size)) continue;
      auto& earlier = seen[hash_row(values, size)];
      const auto same = std::find_if(earlier.begin(), earlier.end(), [&](int64_t other) {
        const int64_t other_row = modality.row_of[static_cast<size_t>(other)];
        return same_values(values, table.row(static_cast<size_t>(other_row)), size);
      });
      if (same == earlier.end())
        earlier.push_back(static_cast<int64_t>(sample));
      else
        pairs.push_back({modality.name, *same, static_cast<int64_t>(sample)});
    }
  }
  return pairs;
}

}  // namespace cohesin
