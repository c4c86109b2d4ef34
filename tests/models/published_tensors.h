#pragma once

#include <fstream>
#include <sstream>

#include "cohesin/models/weight_map.h"
#include "tests/testing.h"

namespace cohesin::testing {

inline std::vector<std::string> names_of(const NamedTensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

// Holds names and shapes, as the authors would store them, against the list of a published file,
// less what it stores without use.
inline void expect_published_tensors(const NamedTensors& weights, const WeightMap& map,
                                     const std::string& file, size_t num_tensors,
                                     int64_t num_parameters) {
  TensorShapes published;
  std::ifstream lines(golden("published_tensors/" + file));
  std::string line;
  std::getline(lines, line);  // header
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string name, dtype, shape, count, role;
    fields >> name >> dtype >> shape >> count >> role;
    if (role == "unused" || role == "recomputable") continue;
    published[name] = {};
    if (shape == "scalar") continue;
    std::istringstream sizes(shape);
    for (std::string size; std::getline(sizes, size, 'x');)
      published[name].push_back(std::stoll(size));
  }
  TensorShapes found;
  int64_t counted = 0;
  for (const auto& binding : bind_weights(map, names_of(weights))) {
    const at::Tensor& tensor = weights.at(binding.ours);
    found[binding.theirs] = binding.layout.their_shape(tensor.sizes().vec());
    counted += tensor.numel();
  }
  EXPECT_EQ(found, published);
  EXPECT_EQ(published.size(), num_tensors);
  EXPECT_EQ(counted, num_parameters);
}

inline void expect_published_tensors(const torch::nn::Module& model, const WeightMap& map,
                                     const std::string& file, size_t num_tensors,
                                     int64_t num_parameters) {
  expect_published_tensors(module_weights(model), map, file, num_tensors, num_parameters);
}

}  // namespace cohesin::testing
