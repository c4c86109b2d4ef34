#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cohesin/base/fields.h"

namespace cohesin {

// What a searched key may be: one of these lists.
struct SearchRange {
  std::vector<double> values;
  std::vector<std::string> choices;
  std::vector<double> uniform, log_uniform;  // low, high
  std::vector<int64_t> integer;              // low, high

  void visit(Fields& field);
};

// The section `search` of a recipe: settings that are chosen inside the training part.
struct SearchSettings {
  std::string method = "grid";
  int64_t trials = 20;
  int64_t inner_folds = 3;
  std::string metric = "auto";
  std::map<std::string, SearchRange> space;  // by recipe key, "train.epochs"

  void visit(Fields& field);
};

}  // namespace cohesin
