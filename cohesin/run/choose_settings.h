#pragma once

#include <cstdint>
#include <vector>

#include "cohesin/run/omics_fit.h"

namespace cohesin {

// A part of the training samples that scores what the others taught.
struct InnerFold {
  std::vector<int64_t> train, held_out;  // both of the samples given, no patient in both
};

// Divides `samples` by patient, every stratum (one number a cohort sample, -1 = unknown) spread
// evenly, drawn from (seed, patient). A sample without a known stratum trains, or is left out where
// its patient is held out. Throws Error for fewer patients with a known outcome than folds.
std::vector<InnerFold> make_inner_folds(const MultiOmics& cohort,
                                        const std::vector<int64_t>& samples,
                                        const std::vector<int64_t>& strata, int64_t num_folds,
                                        uint64_t seed);

// The recipe with those settings of its section `search` that score best on held-out parts of
// `fit.train`, and without the section. Trains every trial once on each inner fold; a section
// `pretraining` is run once an inner fold and is the start of all its trials. Leaves search.tsv in
// `fit.out`; with `fit.resume` what stands in it is not done again.
Recipe choose_settings(const CohortFit& fit);

}  // namespace cohesin
