#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "cohesin/omics/table.h"
#include "cohesin/omics/unit.h"

namespace cohesin {

// What the numbers of a file are. All but the stored units (unit.h) are turned into one on reading.
struct FileUnit {
  enum class Kind { kTpm, kLog2Tpm, kCounts, kFpkm, kBeta, kMValue, kLogRatio, kOther };
  Kind kind = Kind::kOther;
  double offset = 0;  // kLog2Tpm: the file holds log2(tpm + offset)
};

// tpm, log2_tpm:OFFSET, counts, fpkm, beta, m_value, log_ratio, other; throws Error with this list.
FileUnit parse_file_unit(const std::string& text);

// The unit in memory: tpm for log2_tpm, counts and fpkm; beta for m_value; else the same.
Unit stored_unit(const FileUnit& unit);

// The unit as a file would state it (`uns/unit`), for files that carry a stored unit.
FileUnit file_unit(Unit unit);

// Why `value` cannot stand in a file of this unit, or nullptr: a negative TPM, a beta value outside
// [0, 1]. For the text "... is no value of unit X: REASON".
const char* unit_violation(const FileUnit& unit, double value);

// What to do about such a value: which flag says what the file of `modality` holds.
std::string unit_advice(const FileUnit& unit, const std::string& modality);

// One value of the file in the stored unit. log2_tpm: 2^x - offset, below 0 (rounding of the file)
// gives 0 and adds to `num_clipped`. m_value: 2^m / (1 + 2^m) (Du et al. 2010,
// doi:10.1186/1471-2105-11-587). counts and fpkm stay, see to_tpm. NaN stays NaN.
double convert_value(const FileUnit& unit, double value, int64_t& num_clipped);

// Counts or FPKM to TPM, each sample by itself, over its measured features: counts are divided by
// the gene's length in kilobases, then all is scaled to a sum of 1e6. `length_bp` by feature name
// (only counts need it). Throws Error naming the first features without a length, and samples whose
// sum is 0. `where` names the data in errors.
void to_tpm(Table& table, const FileUnit& unit,
            const std::unordered_map<std::string, double>& length_bp, const std::string& where);

}  // namespace cohesin
