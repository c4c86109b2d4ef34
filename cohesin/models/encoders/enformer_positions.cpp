#include "cohesin/models/encoders/enformer_positions.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

struct Feature {
  uint32_t flat;  // bits of a float
  int64_t first, count;
};
#include "cohesin/models/encoders/enformer_gamma_table.inc"

// All in float32 and in the order of enformer-pytorch: its rounding is part of the trained weights.

at::Tensor exponential_features(const at::Tensor& distance_P1, int64_t count, int64_t n) {
  constexpr double kLowestHalfLife = 3.0;  // as a power of two
  const double highest = std::log(static_cast<double>(n)) / std::log(2.0);
  const at::Tensor half_life =
      at::pow(2, at::linspace(kLowestHalfLife, highest, count, at::kFloat));
  return at::exp((-std::log(2.0)) / half_life * distance_P1);
}

at::Tensor central_mask_features(const at::Tensor& distance_P1, int64_t count) {
  const at::Tensor width = at::pow(2, at::arange(1, count + 1, at::kFloat)) - 1;
  return (width > distance_P1).to(at::kFloat);
}

// Densities of gamma distributions with their means spread over the positions, plus 1e-8.
at::Tensor gamma_densities(const at::Tensor& distance_P1, int64_t count, int64_t n) {
  const double positions = static_cast<double>(n), features = static_cast<double>(count);
  const double deviation = positions / (2.0 * features);
  const at::Tensor mean = at::linspace(positions / features, positions, count, at::kFloat);
  const at::Tensor concentration = at::pow(mean / deviation, 2);
  const at::Tensor rate = mean / (deviation * deviation);
  const at::Tensor unnormalised = at::xlogy(concentration - 1.0, distance_P1) - rate * distance_P1;
  const at::Tensor normalisation = at::lgamma(concentration) - concentration * at::log(rate);
  return at::exp(unnormalised - normalisation) + 1e-8;
}

at::Tensor gamma_features(const at::Tensor& distance_P1, int64_t count, int64_t n,
                          GammaFeatures gamma) {
  if (gamma == GammaFeatures::table) {
    if (n != kGammaTablePositions || count != kGammaTableFeatures) {
      throw Error(
          "gamma: the table holds 32 features of {} positions (196,608 bp halved 7 times), here "
          "are "
          "{} features of {} positions; for other lengths take position_axis, the formula behind "
          "the table",
          kGammaTablePositions, count, n);
    }
    return enformer_gamma_table();
  }
  const at::Tensor densities = gamma_densities(distance_P1, count, n);
  const int64_t axis = gamma == GammaFeatures::feature_axis ? 1 : 0;
  return densities / at::amax(densities, {axis}, /*keepdim=*/true);
}

}  // namespace

GammaFeatures parse_gamma(const std::string& name) {
  if (name == "table") return GammaFeatures::table;
  if (name == "feature_axis") return GammaFeatures::feature_axis;
  if (name == "position_axis") return GammaFeatures::position_axis;
  throw Error("gamma: expected table, feature_axis or position_axis, got '{}'", name);
}

at::Tensor enformer_gamma_table() {
  at::Tensor half = at::empty({kGammaTableFeatures, kGammaTablePositions}, at::kFloat);
  size_t next = 0;
  for (int64_t f = 0; f < kGammaTableFeatures; ++f) {
    const Feature& feature = kFeatures[static_cast<size_t>(f)];
    float* row = half.mutable_data_ptr<float>() + f * kGammaTablePositions;
    std::fill_n(row, kGammaTablePositions, std::bit_cast<float>(feature.flat));
    for (int64_t d = feature.first; d < feature.first + feature.count; ++d)
      row[d] = std::bit_cast<float>(kValues[next++]);
  }
  half = half.t();
  return at::cat({half.flip(0), half.narrow(0, 1, kGammaTablePositions - 1)});
}

at::Tensor enformer_positions(int64_t num_positions, int64_t num_features, GammaFeatures gamma) {
  constexpr int64_t kFamilies = 6;  // three, each with and without sign
  if (num_features < kFamilies || num_features % kFamilies != 0) {
    throw Error("dim / heads is {}; it is the number of distance features, a multiple of {}",
                num_features, kFamilies);
  }
  const int64_t count = num_features / kFamilies;
  const at::Tensor signed_P1 =
      at::arange(1 - num_positions, num_positions, at::kFloat).unsqueeze(1);
  const at::Tensor distance_P1 = signed_P1.abs();
  const at::Tensor features = at::cat({exponential_features(distance_P1, count, num_positions),
                                       central_mask_features(distance_P1, count),
                                       gamma_features(distance_P1, count, num_positions, gamma)},
                                      1);
  return at::cat({features, features * at::sign(signed_P1)}, 1);
}

}  // namespace cohesin
