#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/tasks/task_config.h"

namespace cohesin {

// For a test of a whole pipeline: what is learnt from permuted outcomes scores at chance, unless
// test samples leak into the training. Exchanges the outcome (the label; time and event together)
// among those of `samples` that have one, in an order drawn from `seed`. Returns `sample from`, a
// row a sample that takes part: whose outcome it was given. Throws Error for a task without
// outcome.
std::string permute_outcomes(MultiOmics& cohort, const TaskConfig& task,
                             const std::vector<int64_t>& samples, uint64_t seed);

// The sentence that stands before every number of such a run.
std::string permutation_note(uint64_t seed);

}  // namespace cohesin
