#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/omics/findings.h"
#include "cohesin/omics/table.h"

namespace cohesin {

enum class MissingValues { kError, kMask, kMedian };
MissingValues parse_missing_values(const std::string& text);  // error, mask, median; throws Error

// Decides what becomes of values that were not measured (NaN): an Error with their count and first
// place; kept; or replaced by the median of the feature's measured values over all samples of the
// table (a statistic of all samples, those of later test sets too: mask has no such leak). Features
// with `in_list[f]` 0 are left alone (genes a list asks for that the data lack); empty = all. A
// feature never measured keeps NaN. Noted: missing_values, features_never_measured.
void settle_missing_values(Table& table, MissingValues policy, const std::vector<uint8_t>& in_list,
                           const std::string& modality, const std::string& where,
                           Findings& findings);

}  // namespace cohesin
