#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace cohesin {

inline constexpr float kNotMeasured = std::numeric_limits<float>::quiet_NaN();

// A plain matrix with names: samples x features, row-major; NaN = not measured.
struct Table {
  std::vector<std::string> samples;
  std::vector<std::string> features;
  std::vector<float> values;  // [samples, features]

  size_t num_samples() const { return samples.size(); }
  size_t num_features() const { return features.size(); }
  const float* row(size_t sample) const { return values.data() + sample * features.size(); }
  float* row(size_t sample) { return values.data() + sample * features.size(); }
};

}  // namespace cohesin
