#include "cohesin/stats/baseline_state.h"

#include <functional>
#include <numeric>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

const BaselineState::Array& array_of(const BaselineState& state, const std::string& key,
                                     size_t dimensions) {
  const auto found = state.arrays.find(key);
  if (found == state.arrays.end())
    throw Error("the stored baseline '{}' has no array '{}'", state.name, key);
  const BaselineState::Array& array = found->second;
  const size_t count =
      std::accumulate(array.shape.begin(), array.shape.end(), size_t{1}, std::multiplies<size_t>());
  if (array.shape.size() != dimensions || count != array.values.size())
    throw Error(
        "the stored baseline '{}': '{}' has {} dimensions and {} values, needs {} "
        "dimensions that hold them",
        state.name, key, array.shape.size(), array.values.size(), dimensions);
  return array;
}

}  // namespace

void store(BaselineState& state, const std::string& key, const std::vector<double>& values) {
  state.arrays[key] = {{values.size()}, values};
}

void store(BaselineState& state, const std::string& key, const Matrix& values) {
  state.arrays[key] = {{values.num_rows, values.num_columns}, values.values};
}

std::vector<double> stored_vector(const BaselineState& state, const std::string& key,
                                  std::optional<size_t> size) {
  const BaselineState::Array& array = array_of(state, key, 1);
  if (size && array.values.size() != *size)
    throw Error("the stored baseline '{}': '{}' has {} values, needs {}", state.name, key,
                array.values.size(), *size);
  return array.values;
}

Matrix stored_matrix(const BaselineState& state, const std::string& key, size_t num_columns) {
  const BaselineState::Array& array = array_of(state, key, 2);
  if (array.shape[1] != num_columns)
    throw Error("the stored baseline '{}': '{}' has {} columns, needs {}", state.name, key,
                array.shape[1], num_columns);
  return Matrix(array.shape[0], array.shape[1], array.values);
}

std::vector<double> class_shares(const std::vector<int64_t>& labels, int64_t num_classes) {
  if (labels.empty()) throw Error("a baseline needs at least one labelled sample, got none");
  std::vector<double> shares(num_classes, 0.0);
  for (const int64_t label : labels) {
    if (label < 0 || label >= num_classes)
      throw Error("label {} is outside the {} declared classes", label, num_classes);
    shares[label] += 1.0 / static_cast<double>(labels.size());
  }
  return shares;
}

}  // namespace cohesin
