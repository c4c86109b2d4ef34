#pragma once

#include "cohesin/run/cohort_fit.h"

namespace cohesin {

// fit_cohort() for models over a gene axis. Throws Error for data that do not fit the recipe.
void fit_omics(const CohortFit& fit);

}  // namespace cohesin
