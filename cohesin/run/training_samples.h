#pragma once

#include <cstdint>
#include <vector>

namespace cohesin {

// The samples of one training, as indices into the cohort.
struct TrainingSamples {
  std::vector<int64_t> train;
  std::vector<int64_t> validation;  // empty = none
};

// The cohort samples at these places of `from`.
inline std::vector<int64_t> choose(const std::vector<int64_t>& from,
                                   const std::vector<int64_t>& which) {
  std::vector<int64_t> chosen;
  for (const int64_t index : which) chosen.push_back(from[static_cast<size_t>(index)]);
  return chosen;
}

}  // namespace cohesin
