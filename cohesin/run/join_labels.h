#pragma once

#include "cohesin/omics/findings.h"
#include "cohesin/omics/multi_omics.h"
#include "cohesin/run/cohort_input.h"

namespace cohesin {

// Adds the columns of the labels file to obs, matched by sample or patient, with class names and
// survival as the flags say. obs has `patient` already where the files told it (empty elsewhere);
// afterwards it is filled by the rule of --patient. Throws Error when no label fits a sample, when
// labels contradict each other, and for what a flag names but the file lacks. Noted under "labels":
// samples_with_labels, samples_without_labels, labels_for_unknown_samples, duplicate_labels,
// empty:COLUMN, class:COLUMN=VALUE, invalid_times, ...
void join_labels(MultiOmics& cohort, const CohortInput& input, Findings& findings);

}  // namespace cohesin
