#pragma once

#include <filesystem>
#include <string>

#include "cohesin/omics/findings.h"
#include "cohesin/run/cohort_input.h"

namespace cohesin {

struct PrepareOptions {
  CohortInput input;
  std::filesystem::path out;  // cohort.h5mu
  bool force = false;
};

// The verb `prepare omics`: reads the cohort and writes `out` and `out`.prepare.tsv (columns
// modality, what, count, first), each whole or not at all. Returns what was noted.
Findings run_prepare_omics(const PrepareOptions& options);

// The table of findings: `modality what count first`.
std::string findings_tsv(const Findings& findings);

// The same for people: a block a modality, with aligned columns.
std::string describe_findings(const Findings& findings);

}  // namespace cohesin
