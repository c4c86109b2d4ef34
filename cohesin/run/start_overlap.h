#pragma once

#include <filesystem>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/run/omics_checkpoint.h"

namespace cohesin {

// What a cohort has of the modalities and genes of the checkpoint that a training starts from: said
// in the log, warned of where it is little. Throws Error where nothing is in common, where `policy`
// is kError and genes are missing, or where the model cannot hide them.
void report_overlap(const OmicsCheckpoint& start, const MultiOmics& cohort, MissingGenes policy);

// The samples of `from` that have a modality which the model takes; others are left out, with a
// warning.
std::vector<int64_t> samples_known_to(const OmicsEncoder& encoder, const MultiOmics& cohort,
                                      const std::vector<int64_t>& from);

}  // namespace cohesin
