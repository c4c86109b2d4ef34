#pragma once

#include <cstdint>
#include <string>

#include "cohesin/omics/table.h"

namespace cohesin {

struct AppendedFeatures {
  int64_t num_new = 0;      // features that only the added rows have
  int64_t num_lacking = 0;  // features that the added rows lack
  std::string first_new, first_lacking;
  bool same() const { return num_new == 0 && num_lacking == 0; }
};

// Adds the rows of `more` below those of `table`, columns matched by name; the features become the
// union, those of `table` first, NaN where a side lacks one. Feature names may not repeat within a
// table. An empty table takes all of `more`.
AppendedFeatures append_rows(Table& table, const Table& more);

}  // namespace cohesin
