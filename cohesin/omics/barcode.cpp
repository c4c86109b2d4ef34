#include "cohesin/omics/barcode.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace cohesin {

namespace {

constexpr size_t kPatientLength = 12;

// The GDC's code table "Sample Type Codes": 01-09 tumour, 10-19 normal, 20-29 control.
constexpr std::array<std::pair<std::string_view, std::string_view>, 19> kSampleTypes{{
    {"01", "Primary Tumor"},
    {"02", "Recurrent Tumor"},
    {"03", "Primary Blood Derived Cancer - Peripheral Blood"},
    {"04", "Recurrent Blood Derived Cancer - Bone Marrow"},
    {"05", "Additional - New Primary"},
    {"06", "Metastatic"},
    {"07", "Additional Metastatic"},
    {"08", "Human Tumor Original Cells"},
    {"09", "Primary Blood Derived Cancer - Bone Marrow"},
    {"10", "Blood Derived Normal"},
    {"11", "Solid Tissue Normal"},
    {"12", "Buccal Cell Normal"},
    {"13", "EBV Immortalized Normal"},
    {"14", "Bone Marrow Normal"},
    {"20", "Control Analyte"},
    {"40", "Recurrent Blood Derived Cancer - Peripheral Blood"},
    {"50", "Cell Lines"},
    {"60", "Primary Xenograft Tissue"},
    {"61", "Cell Line Derived Xenograft Tissue"},
}};

bool is_alphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace

bool is_tcga_barcode(std::string_view name) {
  if (name.size() < kPatientLength || name.substr(0, 5) != "TCGA-" || name[7] != '-') return false;
  if (!is_alphanumeric(name[5]) || !is_alphanumeric(name[6])) return false;
  const std::string_view participant = name.substr(8, 4);
  if (!std::all_of(participant.begin(), participant.end(), is_alphanumeric)) return false;
  return name.size() == kPatientLength || name[kPatientLength] == '-';
}

std::string patient_of(std::string_view sample) {
  return std::string(is_tcga_barcode(sample) ? sample.substr(0, kPatientLength) : sample);
}

std::string tissue_source_site_of(std::string_view sample) {
  return std::string(is_tcga_barcode(sample) ? sample.substr(5, 2) : "");
}

std::string sample_type_of(std::string_view sample) {
  if (!is_tcga_barcode(sample) || sample.size() < kPatientLength + 3) return {};
  const std::string_view code = sample.substr(kPatientLength + 1, 2);
  for (const auto& [known, type] : kSampleTypes)
    if (code == known) return std::string(type);
  return {};
}

bool sample_type_matches(std::string_view type, std::string_view wanted) {
  const std::string have = lower_case(type), want = lower_case(wanted);
  if (have.empty()) return false;
  if (have == want) return true;
  const bool is_normal = have.find("normal") != std::string::npos;
  if (want == "normal") return is_normal;
  const bool is_other = have.find("control") != std::string::npos ||
                        have.find("cell line") != std::string::npos ||
                        have.find("xenograft") != std::string::npos;
  return (want == "tumor" || want == "tumour") && !is_normal && !is_other;
}

}  // namespace cohesin
