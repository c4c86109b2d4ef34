#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cohesin/omics/multi_omics.h"

namespace cohesin {

// Two samples with the same values in a modality: one was perhaps measured once and named twice.
struct IdenticalPair {
  std::string modality;
  int64_t first = 0, second = 0;  // cohort samples, first < second
};

// Every sample that repeats an earlier one of the cohort, with the first of these. Compared bit for
// bit, not measured as such; rows with fewer than 20 different values are left out (panels of
// mutations and constant rows repeat by chance).
std::vector<IdenticalPair> identical_samples(const MultiOmics& cohort);

}  // namespace cohesin
