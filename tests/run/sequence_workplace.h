#pragma once

#include <filesystem>
#include <string>

#include "cohesin/run/convert.h"
#include "tests/testing.h"

namespace cohesin::testing {

// A folder with a checkpoint of a reference case, "model", in it.
class SequenceWorkplace : public TempFolder {
 public:
  explicit SequenceWorkplace(const std::string& model = "esm2",
                             const std::string& name = "esm2_tiny") {
    ConvertOptions convert;
    convert.model = model;
    convert.config = golden(name) / "config.json";
    convert.weights = golden(name) / "weights.safetensors";
    convert.out = path() / "model";
    convert_to_checkpoint(convert);
  }
};

// `letters` drawn from `alphabet`, the same for the same seed.
inline std::string random_letters(const std::string& alphabet, size_t length, unsigned seed) {
  std::string text;
  for (size_t i = 0; i < length; ++i)
    text += alphabet[(seed = seed * 1103515245 + 12345) / 65536 % alphabet.size()];
  return text;
}
inline const std::string kResidues = "LAGVSERTIDPKQNFYMHWC";

}  // namespace cohesin::testing
