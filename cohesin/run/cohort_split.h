#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cohesin/omics/multi_omics.h"

namespace cohesin {

// A split or fold file laid on a cohort.
struct CohortSplit {
  std::map<std::string, std::vector<int64_t>> parts;  // fold or split name: cohort samples
  std::vector<int64_t> unassigned;                    // in the cohort, not in the file
};

// Reads `sample fold` or `sample split`. A sample of the file that the cohort does not have is an
// Error; so are patients on both sides, unless they are allowed (see check_shared_patients); cohort
// samples that the file does not name are left out, which is logged with their number.
CohortSplit read_cohort_split(const std::filesystem::path& path, const MultiOmics& cohort,
                              bool allow_shared_patients = false);

// All samples of all parts but `held_out`, in cohort order.
std::vector<int64_t> samples_outside(const CohortSplit& split, const std::string& held_out);

}  // namespace cohesin
