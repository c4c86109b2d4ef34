#pragma once

#include <cstdint>
#include <string>

namespace cohesin {

// Which embedding is asked for.
struct EmbedRequest {
  int64_t layer = -1;        // -1: the published embedding; k: the k-th transformer layer, from 1
  bool per_feature = false;  // keep the positions
  std::string hidden;        // a modality kept from the model; empty = none
};

}  // namespace cohesin
