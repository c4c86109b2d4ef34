#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace cohesin {

// The three versions of Enformer's gamma features. They differ in what a bump is divided by, and
// weights trained with one are wrong with another.
enum class GammaFeatures {
  table,  // numbers that TensorFlow computed; the published Enformer weights; 1,536 positions
  feature_axis,   // by the largest feature of the distance: enformer-pytorch's formula
  position_axis,  // by the largest value of the feature: the original's formula, any length
};
GammaFeatures parse_gamma(const std::string& name);  // these names, else throws Error

// The positions, and the gamma features, that the table is made for.
inline constexpr int64_t kGammaTablePositions = 1536, kGammaTableFeatures = 32;

// Features of the distances -(n-1)..n-1 between n positions, float32 [2n-1, num_features]: families
// exponential, central mask and gamma of num_features / 6 each, and once more times the distance's
// sign. Throws Error where num_features is no multiple of 6, or the table does not fit.
at::Tensor enformer_positions(int64_t num_positions, int64_t num_features, GammaFeatures gamma);

// The table, [3071, 32].
at::Tensor enformer_gamma_table();

}  // namespace cohesin
