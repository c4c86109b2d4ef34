#include "cohesin/encode/base_composition.h"

#include <algorithm>
#include <array>

namespace cohesin {
namespace {

constexpr std::array<int64_t, 4> kStretches = {160, 480, 992, 2016};

}  // namespace

std::vector<double> base_composition(std::string_view letters, int64_t first, int64_t bin_size,
                                     int64_t num_bins) {
  const auto length = static_cast<int64_t>(letters.size());
  std::vector<int32_t> gc(letters.size() + 1, 0), cpg(letters.size() + 1, 0);  // up to each letter
  for (size_t i = 0; i < letters.size(); ++i) {
    const bool is_c = letters[i] == 'C';
    gc[i + 1] = gc[i] + (is_c || letters[i] == 'G' ? 1 : 0);
    cpg[i + 1] = cpg[i] + (is_c && i + 1 < letters.size() && letters[i + 1] == 'G' ? 1 : 0);
  }
  std::vector<double> features;
  features.reserve(static_cast<size_t>(num_bins * kNumCompositionFeatures));
  for (int64_t bin = 0; bin < num_bins; ++bin) {
    const int64_t middle = first + bin * bin_size + bin_size / 2;
    for (const int64_t stretch : kStretches) {
      const auto from = static_cast<size_t>(std::clamp<int64_t>(middle - stretch / 2, 0, length));
      const auto to = static_cast<size_t>(std::clamp<int64_t>(middle + stretch / 2, 0, length));
      const double bases = std::max(static_cast<double>(to) - static_cast<double>(from), 1.0);
      const double gc_share = (gc[to] - gc[from]) / bases,
                   cpg_share = (cpg[to] - cpg[from]) / bases;
      features.insert(features.end(),
                      {gc_share, cpg_share, gc_share * gc_share, cpg_share * cpg_share});
    }
  }
  return features;
}

}  // namespace cohesin
