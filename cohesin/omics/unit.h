#pragma once

#include <string>

namespace cohesin {

// What a table's numbers measure. Stored with the data (`uns/unit`); a tokenizer refuses a unit
// that it was not made for.
//   tpm         transcripts per million, >= 0
//   beta        methylation fraction, [0, 1]
//   log_ratio   log of a ratio to a reference, any sign
//   other       any scale; fitted bins or continuous input only
// Units of files that are turned into one of these on reading (log2_tpm:OFFSET, counts, fpkm,
// m_value) never reach memory.
enum class Unit { kTpm, kBeta, kLogRatio, kOther };

std::string unit_name(Unit unit);
Unit parse_unit(const std::string& name);  // throws Error with the list of known units

}  // namespace cohesin
