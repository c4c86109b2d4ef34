#pragma once

#include "cohesin/run/cohort_fit.h"

namespace cohesin {

// fit_cohort() for models over the tokens of a sequence: masked language modelling, or a head for
// what stands in the columns of obs, of each sample or (task.per_letter) of each letter. `fit.init`
// may be a Hugging Face folder, too. Throws Error for data that do not fit the recipe.
void fit_sequences(const CohortFit& fit);

}  // namespace cohesin
