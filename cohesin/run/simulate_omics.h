#pragma once

#include <filesystem>
#include <string>

#include "cohesin/run/simulated_cohort.h"

namespace cohesin {

// Writes a simulated cohort to a new folder: rnaseq.tsv.gz (TPM) and methylation.tsv.gz (beta
// values), samples by genes; labels.tsv (sample patient class time_days event batch); folds.tsv
// (sample fold); truth.json. The same options give the same bytes. Returns a sentence on what was
// written. Throws Error if the options cannot be met, or if the folder exists and `force` is not
// given.
std::string simulate_omics(const SimulateOmicsOptions& options, const std::filesystem::path& folder,
                           bool force);

}  // namespace cohesin
