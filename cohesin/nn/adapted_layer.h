#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/nn/layers.h"

namespace cohesin {

// A layer of a transformer as adapters see it: linear layers by their part in it, of which query,
// key and value give as many numbers for each head.
class AdaptedLayer {
 public:
  virtual ~AdaptedLayer() = default;

  // query, key, value, output, ffn_up, ffn_down
  static const std::vector<std::string>& linear_names();
  virtual Linear& linear(const std::string& name) = 0;  // one of these
  virtual int64_t num_heads() const = 0;
};

}  // namespace cohesin
