#pragma once

#include "cohesin/report/report_data.h"

namespace cohesin::testing {

// A made-up cross-validation of the size of a real cohort: 769 samples, 5 unequal classes, 5 folds,
// three conditions, five baselines (one of which wins with all modalities), pre-training and
// training curves, a map of the embeddings. No file, no clock: the same in every call. The map is
// finished after some 400 iterations; a test need not wait for it.
ReportData make_report_example(int map_iterations = 10);

}  // namespace cohesin::testing
