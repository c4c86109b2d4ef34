#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace cohesin {

// What simple arithmetic on the letters around a place says of it: the shares of G or C and of CpG
// in stretches of 160, 480, 992 and 2,016 bases in its middle, and their squares. Much of where DNA
// is open or transcribed can be told by these alone, so that a model must be better.
inline constexpr int64_t kNumCompositionFeatures = 16;

// Of `num_bins` bins of `bin_size` bases that follow one another from letter `first`, [bins,
// kNumCompositionFeatures]. Letters beyond the ends do not count.
std::vector<double> base_composition(std::string_view letters, int64_t first, int64_t bin_size,
                                     int64_t num_bins);

}  // namespace cohesin
