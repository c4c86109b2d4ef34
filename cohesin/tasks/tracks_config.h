#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "cohesin/base/fields.h"

namespace cohesin {

// What the section `task` says of a training on tracks along a genome.
struct TracksConfig {
  std::string head = "tracks";
  int64_t window_bp = 0;
  int64_t target_bins = 0;
  int64_t cuts_per_window = 0;
  int64_t shift_bp = 3;
  bool reverse_complement = true;
  std::map<std::string, double> assay_weights;

  void visit(Fields& field);
  // Throws Error naming `where` and the field that is out of range.
  void check(const std::string& where) const;
};

}  // namespace cohesin
