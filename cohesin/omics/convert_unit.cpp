#include "cohesin/omics/convert_unit.h"

#include <charconv>
#include <cmath>

#include "cohesin/base/error.h"

namespace cohesin {

namespace {

using Kind = FileUnit::Kind;

constexpr const char* kUnits =
    "tpm, log2_tpm:OFFSET, counts, fpkm, beta, m_value, log_ratio or other";

double parse_offset(const std::string& text) {
  const std::string number = text.substr(text.find(':') + 1);
  double offset = 0;
  const auto [end, status] = std::from_chars(number.data(), number.data() + number.size(), offset);
  if (status != std::errc() || end != number.data() + number.size() || !std::isfinite(offset) ||
      offset < 0)
    throw Error("unit '{}': OFFSET must be a number >= 0, as in log2_tpm:0.001", text);
  return offset;
}

}  // namespace

FileUnit parse_file_unit(const std::string& text) {
  if (text == "tpm") return {Kind::kTpm, 0};
  if (text == "counts") return {Kind::kCounts, 0};
  if (text == "fpkm") return {Kind::kFpkm, 0};
  if (text == "beta") return {Kind::kBeta, 0};
  if (text == "m_value") return {Kind::kMValue, 0};
  if (text == "log_ratio") return {Kind::kLogRatio, 0};
  if (text == "other") return {Kind::kOther, 0};
  if (text == "log2_tpm")
    throw Error(
        "unit 'log2_tpm' needs the number that was added before the logarithm: "
        "log2_tpm:0.001 (UCSC Xena toil) or log2_tpm:1");
  if (text.rfind("log2_tpm:", 0) == 0) return {Kind::kLog2Tpm, parse_offset(text)};
  throw Error("unknown unit '{}': expected {}", text, kUnits);
}

Unit stored_unit(const FileUnit& unit) {
  switch (unit.kind) {
    case Kind::kTpm:
    case Kind::kLog2Tpm:
    case Kind::kCounts:
    case Kind::kFpkm:
      return Unit::kTpm;
    case Kind::kBeta:
    case Kind::kMValue:
      return Unit::kBeta;
    case Kind::kLogRatio:
      return Unit::kLogRatio;
    case Kind::kOther:
      return Unit::kOther;
  }
  return Unit::kOther;
}

FileUnit file_unit(Unit unit) { return parse_file_unit(unit_name(unit)); }

const char* unit_violation(const FileUnit& unit, double value) {
  switch (unit.kind) {
    case Kind::kTpm:
      return value < 0 ? "a TPM is never negative" : nullptr;
    case Kind::kCounts:
      return value < 0 ? "a count is never negative" : nullptr;
    case Kind::kFpkm:
      return value < 0 ? "an FPKM is never negative" : nullptr;
    case Kind::kBeta:
      return value < 0 || value > 1 ? "a beta value lies in [0, 1]" : nullptr;
    case Kind::kLog2Tpm:
      return value > 120 ? "2 to this power is no TPM; is this a logarithm?" : nullptr;
    default:
      return nullptr;
  }
}

std::string unit_advice(const FileUnit& unit, const std::string& modality) {
  if (unit.kind == Kind::kBeta)
    return fmt::format(
        "if these are M-values, log2(beta / (1 - beta)), pass --unit {}=m_value; else say what the "
        "file holds with --unit {}=UNIT",
        modality, modality);
  return fmt::format("say what the file holds with --unit {}=UNIT", modality);
}

double convert_value(const FileUnit& unit, double value, int64_t& num_clipped) {
  switch (unit.kind) {
    case Kind::kLog2Tpm: {
      const double tpm = std::exp2(value) - unit.offset;
      if (!(tpm < 0)) return tpm;
      ++num_clipped;
      return 0;
    }
    case Kind::kMValue:
      return 1 / (1 + std::exp2(-value));
    default:
      return value;
  }
}

void to_tpm(Table& table, const FileUnit& unit,
            const std::unordered_map<std::string, double>& length_bp, const std::string& where) {
  const size_t num_features = table.num_features();
  std::vector<double> per_kilobase(num_features, 1);
  if (unit.kind == Kind::kCounts) {
    int64_t num_missing = 0;
    std::string first_missing;
    for (size_t g = 0; g < num_features; ++g) {
      const auto found = length_bp.find(table.features[g]);
      if (found != length_bp.end()) {
        per_kilobase[g] = 1000 / found->second;
      } else if (num_missing++ == 0) {
        first_missing = table.features[g];
      }
    }
    if (num_missing > 0)
      throw Error(
          "{}: {} of the {} genes have no length (first: {}); counts become TPM only with "
          "--gene-lengths FILE (gene, length in bases) that names every gene",
          where, num_missing, num_features, first_missing);
  }
  for (size_t s = 0; s < table.num_samples(); ++s) {
    float* row = table.row(s);
    double sum = 0;
    for (size_t g = 0; g < num_features; ++g)
      if (!std::isnan(row[g])) sum += row[g] * per_kilobase[g];
    if (!(sum > 0))
      throw Error("{}: sample '{}' has no reads at all: its TPM is undefined; remove it", where,
                  table.samples[s]);
    for (size_t g = 0; g < num_features; ++g)
      row[g] = static_cast<float>(row[g] * per_kilobase[g] / sum * 1e6);
  }
}

}  // namespace cohesin
