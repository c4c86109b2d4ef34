#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/stats/baseline.h"

namespace cohesin {

// Arrays into and out of a BaselineState. Reading throws Error naming baseline and array if it is
// missing or its size is another than the one asked for.
void store(BaselineState& state, const std::string& key, const std::vector<double>& values);
void store(BaselineState& state, const std::string& key, const Matrix& values);
std::vector<double> stored_vector(const BaselineState& state, const std::string& key,
                                  std::optional<size_t> size = {});
Matrix stored_matrix(const BaselineState& state, const std::string& key, size_t num_columns);

// The share of each class 0..K-1 among the labels. Throws Error if there are none, or one is
// outside.
std::vector<double> class_shares(const std::vector<int64_t>& labels, int64_t num_classes);

}  // namespace cohesin
