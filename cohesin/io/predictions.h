#pragma once

#include <filesystem>
#include <string>

#include "cohesin/omics/prediction_table.h"

namespace cohesin {

// predictions.tsv, plain or gzip, found by its header: `sample`; optional `fold`, `modalities`,
// `hidden`, `cohort`, `unusual`; then one kind or, of a joint task, several:
//   classification  label (empty = unknown), predicted, probability:CLASS..., optional
//                   set:COVERAGE
//   survival        time_days, event (both empty = unknown), risk, survival:DAYS..., optional
//                   risk_group
//   values          target:NAME (empty = unknown) and predicted:NAME for each NAME
// Columns may stand in any order; further ones are ignored. Throws Error naming file and line: no
// rows, a missing or repeated column, a ragged row, text or NaN for a number, a probability outside
// [0, 1], a class without a probability column, the same sample twice in one fold with the same
// modality hidden.
PredictionTable read_predictions(const std::filesystem::path& path);

// The text of the table; numbers are printed shortest so that they read back the same.
std::string format_predictions(const PredictionTable& table);

// Whole or not at all. Whether an existing file may be replaced is decided by the caller.
void write_predictions(const std::filesystem::path& path, const PredictionTable& table);

}  // namespace cohesin
