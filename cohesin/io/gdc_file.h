#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cohesin/omics/convert_unit.h"

namespace cohesin {

// One sample's file of the GDC.
struct GdcFile {
  std::vector<std::string> features;    // gene_id with version, or probes
  std::vector<std::string> gene_names;  // [features], STAR counts only
  std::vector<float> values;            // [features]; NaN = NA
  int64_t num_summary_rows = 0;         // N_unmapped, N_multimapping, N_noFeature, N_ambiguous
};

// STAR counts: see gdc.h. `unit` is tpm, fpkm or counts. Throws Error for a missing column, a
// ragged row, a value that is no number or negative, a gene without id.
GdcFile read_star_counts(const std::filesystem::path& path, const FileUnit& unit);

// level3betas: probe, beta or NA. `unit` is beta or m_value, which is turned into beta.
GdcFile read_level3betas(const std::filesystem::path& path, const FileUnit& unit);

// Whether the first line that is no comment is the header of a STAR counts file.
bool is_star_counts(const std::filesystem::path& path);

}  // namespace cohesin
