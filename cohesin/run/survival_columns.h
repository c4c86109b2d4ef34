#pragma once

#include "cohesin/omics/findings.h"
#include "cohesin/omics/frame.h"
#include "cohesin/run/cohort_input.h"

namespace cohesin {

// Makes `time_days` and `event` (1 = observed) of the columns that --time and --event name. A year
// is 365.25 days, a month the twelfth of one. A sample without time and event stays without; a time
// that is not above 0 or only one of the two is invalid: an Error, or both become missing
// (--invalid-times exclude). `where` is the labels file. Noted: samples_with_survival, events,
// samples_without_survival, invalid_times. Throws Error for text in the time column and for events
// that are neither 0 nor 1 where --event gives no value.
void add_survival_columns(Frame& obs, const CohortInput& input, Findings& findings);

}  // namespace cohesin
