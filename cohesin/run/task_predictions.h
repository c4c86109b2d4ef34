#pragma once

#include <string>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/omics/prediction_table.h"
#include "cohesin/run/omics_predict.h"
#include "cohesin/tasks/task_config.h"

namespace cohesin {

// Predictions as rows of predictions.tsv, of the task's kind: `fold` and `hidden` fill their
// columns, outcomes come from the cohort (unknown where it has no such column). Where calibration
// samples allow it, conformal sets of classes have this coverage.
PredictionTable prediction_table(const SamplePredictions& predictions, const TaskConfig& task,
                                 const MultiOmics& cohort, const std::string& fold,
                                 const std::string& hidden, double coverage = 0.9);

// Adds the rows of `more`, which is of the same task.
void append_rows(PredictionTable& table, const PredictionTable& more);

}  // namespace cohesin
