#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cohesin/omics/findings.h"

namespace cohesin {

// ENSG00000000003 of any species (ENSMUSG...), with or without version and _PAR_Y.
bool is_ensembl_gene_id(std::string_view name);

// An Illumina probe: cg00000029, ch.1.1000, rs1000.
bool is_probe_id(std::string_view name);

// A name that can hardly be a sample: an Ensembl id, a probe or one of a hundred common symbols.
bool looks_like_gene(std::string_view name);

// Feature names as a cohort stores them.
struct FeatureNames {
  std::vector<std::string> ids;    // gene_id
  std::vector<std::string> names;  // gene_name, empty where unknown
};

// The id is the feature's name as it stands in the table, but Ensembl ids lose their version. The
// name is the same; an Ensembl id has none. Where all features are SYMBOL_ENTREZ (FireBrowse;
// FOXA1_3169) the name is the symbol, none for `?`; columns that are merely numbered (gene_1,
// gene_2) are not taken for such. Noted: version_stripped, par_y (GENCODE's copies on the Y
// chromosome, ENSG00000182378.14_PAR_Y, which stay features of their own), symbol_entrez.
FeatureNames name_features(const std::vector<std::string>& features, const std::string& modality,
                           Findings& findings);

}  // namespace cohesin
