#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <string>

#include "cohesin/base/error.h"
#include "cohesin/tensor/tensor_file.h"
#include "tests/testing.h"

namespace cohesin::testing {

// A folder of reference numbers: inputs in.*, the authors' outputs out.* and gradients grad.*, and
// the tolerances that its PROVENANCE.md states.
class GoldenCase {
 public:
  explicit GoldenCase(const std::string& name) : folder(golden(name)) {
    for (const auto& [key, tensor] : read_tensors(folder / "io.safetensors")) {
      if (key.rfind("in.", 0) == 0) batch.tensors[key.substr(3)] = tensor;
      if (key.rfind("out.", 0) == 0 || key.rfind("grad.", 0) == 0) expected[key] = tensor;
      if (key.rfind("grad.", 0) == 0 && tensor.numel() > 0) {
        largest_gradient_ = std::max(largest_gradient_, tensor.abs().max().item<double>());
      }
    }
    std::ifstream file(folder / "PROVENANCE.md");
    const std::regex row(
        R"(\| *`?((?:out|grad)\.[^ `|]+).*\|[^|0-9]*([0-9.]+(?:e[+-]?[0-9]+)?)[^|]*\| *)");
    for (std::string line; std::getline(file, line);) {
      std::smatch cells;
      if (std::regex_match(line, cells, row)) tolerances_[cells[1]] = std::stod(cells[2]);
    }
  }

  // Forgets the expected tensors whose name begins with `start`.
  void leave_out(const std::string& start) {
    for (auto item = expected.begin(); item != expected.end();)
      item = item->first.rfind(start, 0) == 0 ? expected.erase(item) : std::next(item);
  }

  double tolerance(const std::string& name) const {
    if (!at::isFloatingType(expected.at(name).scalar_type())) return 0.0;
    if (name.rfind("grad.", 0) != 0) return tolerances_.at(name);
    const double largest = expected.at(name).abs().max().item<double>();
    return tolerances_.at("grad.<parameter>") * std::max(largest, 1e-2 * largest_gradient_);
  }

  // Every expected tensor that begins with `start` must be among `found`, within its tolerance.
  void expect_reproduced(const NamedTensors& found, const std::string& start) const {
    int64_t compared = 0;
    for (const auto& [name, reference] : expected) {
      if (name.rfind(start, 0) != 0) continue;
      ++compared;
      const auto value = found.find(name);
      if (value == found.end()) {
        ADD_FAILURE() << name << " is missing";
        continue;
      }
      ASSERT_EQ(value->second.sizes(), reference.sizes()) << name;
      const double difference =
          (value->second.to(at::kDouble) - reference.to(at::kDouble)).abs().max().item<double>();
      EXPECT_LE(difference, tolerance(name)) << name;
    }
    EXPECT_GT(compared, 0);
  }

  std::filesystem::path folder;
  Batch batch;
  NamedTensors expected;

 private:
  std::map<std::string, double> tolerances_;
  double largest_gradient_ = 0.0;
};

}  // namespace cohesin::testing
