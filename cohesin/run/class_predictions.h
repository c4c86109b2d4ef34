#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/omics/prediction_table.h"
#include "cohesin/run/omics_predict.h"

namespace cohesin {

// Class probabilities as rows of predictions.tsv: `fold` and `hidden` fill their columns, labels
// come from the cohort's column `target` (empty where the cohort has no such column).
PredictionTable class_prediction_table(const ClassProbabilities& probabilities,
                                       const std::vector<std::string>& classes,
                                       const MultiOmics& cohort, const std::string& target,
                                       const std::string& fold, const std::string& hidden);

// Adds the rows of `more`, which holds the same classes.
void append_rows(PredictionTable& table, const PredictionTable& more);

}  // namespace cohesin
