#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cohesin/io/h5ad.h"
#include "cohesin/omics/multi_omics.h"

namespace cohesin {

// MuData files (format-version 0.1.0, mudata.readthedocs.io), with or without the 512-byte user
// block, sharing samples (axis 0). X as in read_h5ad; the unit is uns/unit of each modality.
// Columns of a modality's obs become columns NAME:COLUMN of the cohort's, as mudata pulls them.
// Gene names are var's column `gene_name` (or gene_names, gene_symbols, symbol, feature_name).
//   modalities_without_unit, where given, receives the names of those that state no unit; they are
//   read as Unit::kOther.
// Throws Error naming the file and the path inside it: names that occur twice, samples of a
// modality outside /obs, an /obsmap that contradicts the names, a unit that is none of ours.
MultiOmics read_h5mu(const std::filesystem::path& path,
                     std::vector<std::string>* modalities_without_unit = nullptr);

// Such a file whose values are read where they are asked for, so that a cohort may be larger than
// memory.
class CohortFile {
 public:
  explicit CohortFile(const std::filesystem::path& path);  // throws Error as read_h5mu
  // All but the values: the tables are empty.
  const MultiOmics& outline() const { return outline_; }
  // These samples (indices into the outline's), as select_samples gives them of the whole.
  MultiOmics read(const std::vector<int64_t>& samples) const;

 private:
  std::filesystem::path path_;
  MultiOmics outline_;
};

// The names of its modalities, in order.
std::vector<std::string> read_h5mu_names(const std::filesystem::path& path);

// One modality as it stands, duplicates and all.
AnnotatedMatrix read_h5mu_modality(const std::filesystem::path& path, const std::string& name,
                                   const H5adWanted& wanted = {});

// Writes the cohort as mudata does: /mod/NAME with float32 X in the stored unit (NaN = not
// measured), var with gene_id and gene_name, uns/unit; /obs, the union of samples; presence in
// /obsm/NAME (boolean) and /obsmap/NAME (1-based row, 0 = absent); /var, /varm and /varmap alike.
// The same cohort gives the same bytes; written whole or not at all. Throws Error when a modality
// has a sample that obs lacks, or one twice.
void write_h5mu(const MultiOmics& cohort, const std::filesystem::path& path, int compression = 0);

}  // namespace cohesin
