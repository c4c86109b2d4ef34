#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cohesin {

// Something that was matched, changed, left out or noticed while data was read: one row of
// `cohort.h5mu.prepare.tsv`. `modality` is empty for what concerns the cohort as a whole; `first`
// is the first example.
struct Finding {
  std::string modality;
  std::string what;
  int64_t count = 0;
  std::string first;
};
using Findings = std::vector<Finding>;

// Adds to the row of the same modality and what, or makes it; a count of 0 leaves no row.
void note(Findings& findings, const std::string& modality, const std::string& what, int64_t count,
          const std::string& first = "");

// The count of a row, 0 where there is none.
int64_t noted(const Findings& findings, const std::string& modality, const std::string& what);

}  // namespace cohesin
