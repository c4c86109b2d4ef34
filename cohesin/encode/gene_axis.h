#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cohesin/omics/gene_id.h"
#include "cohesin/omics/multi_omics.h"

namespace cohesin {

// The positions that all omics of a model share, one a gene. Order matters: convolutions see
// neighbours, and gene embeddings belong to positions.
struct GeneAxis {
  std::vector<std::string> features;    // [G]
  std::vector<std::string> modalities;  // [M]
  // measured[m][g] is 1 where modality m had the gene in training; elsewhere it is <mask>, always.
  std::vector<std::vector<uint8_t>> measured;

  size_t num_genes() const { return features.size(); }
  // Throws Error naming the modalities it has.
  size_t modality_index(const std::string& name) const;
};

// The union of all features: those of the first modality in their order, then the new ones of the
// next, and so on. Two features are one gene if their ids (without version) agree, or else their
// unambiguous symbols (gene_name, or SYMBOL of SYMBOL_ENTREZ). Such a gene carries the id if all
// modalities write it alike, else the symbol. Throws Error if a modality has a feature twice.
GeneAxis make_gene_axis(const std::vector<const Modality*>& modalities);

// A given list as axis, in its order; genes that a modality lacks count as not measured. Throws
// Error if a modality shares no gene with the list.
GeneAxis make_gene_axis(const std::vector<std::string>& genes,
                        const std::vector<const Modality*>& modalities);

// A published list: every gene is measured in every modality.
GeneAxis published_gene_axis(const std::vector<std::string>& genes,
                             const std::vector<std::string>& modalities);

// features.tsv: `feature` and one 0/1 column a modality. Reading throws Error naming `where` and
// line.
std::string write_features(const GeneAxis& axis);
GeneAxis read_features(std::string_view text, const std::string& where);

inline constexpr int64_t kHiddenColumn = -1;  // not measured: <mask>
inline constexpr int64_t kZeroColumn = -2;    // filled with 0

// Where the values of each position stand in a modality's table.
struct AxisAlignment {
  std::vector<int64_t> columns;      // [G]: a column, kHiddenColumn or kZeroColumn
  std::vector<std::string> missing;  // measured in training, absent here
  std::vector<std::string> unused;   // features here that the axis has no measured place for
  size_t num_matched = 0;

  std::string describe() const;  // "480 genes matched, 20 missing (first: ...), 3 unused (...)"
};

// Puts a modality (of any cohort) on the axis. With MissingGenes::kError missing genes throw Error
// saying how many, `where`, for whom (`needed_by`, e.g. 'mojo') and which flag decides. No gene in
// common is an Error with any policy.
AxisAlignment align_to_axis(const Modality& modality, const GeneAxis& axis, MissingGenes policy,
                            const std::string& where, const std::string& needed_by);

// One sample's values on the axis: row of the table -> out[G], NaN where hidden.
void gather_on_axis(const float* row, const std::vector<int64_t>& columns, float* out);

}  // namespace cohesin
