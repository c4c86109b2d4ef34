#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "cohesin/omics/findings.h"
#include "cohesin/omics/gene_id.h"
#include "cohesin/omics/multi_omics.h"

namespace cohesin {

// The genes that a model or a user wants, in order; ids as in gene_id.h, without repetition.
struct GeneList {
  std::vector<std::string> ids;
  std::vector<std::string> names;  // gene names beside the ids, or empty
};

// Other names of genes: alias -> the names it may stand for.
using Aliases = std::unordered_map<std::string, std::vector<std::string>>;

// Which feature stands for each gene of a list.
struct GeneMatch {
  std::vector<std::vector<int64_t>> features_of;  // [genes of the list]; empty = missing
  std::vector<std::string> ambiguous;             // features that fit several genes: not used
  std::vector<std::string> unused;                // features that fit no gene of the list
};

// A feature fits a gene when, in this order, its id, its id without Ensembl version, its gene name,
// or an alias of one of these equals the gene's id or, failing that, name. An exact id always wins
// over names and aliases. An alias that leads to several genes of the list is ambiguous.
GeneMatch match_genes(const std::vector<std::string>& ids, const std::vector<std::string>& names,
                      const GeneList& list, const Aliases& aliases = {});

enum class Duplicates { kError, kFirst, kMean };
Duplicates parse_duplicates(const std::string& text);  // error, first, mean; throws Error

// Makes the modality's features the genes of the list, in its order. A missing gene is an Error, 0,
// or NaN (hidden as <mask> later); several features for one gene fall under `duplicates`. Noted:
// genes_matched, genes_missing, features_not_in_list, ambiguous_features, duplicate_features.
// `where` names the data in errors, `list_name` the list. Returns [genes of the list] 1 where the
// data have the gene.
std::vector<uint8_t> align_to_genes(Modality& modality, const GeneList& list,
                                    const std::string& list_name, const Aliases& aliases,
                                    MissingGenes missing, Duplicates duplicates,
                                    const std::string& where, Findings& findings);

// One row for each sample name and one column for each feature id. A mean is taken over the
// measured values. Noted: duplicate_samples, duplicate_features. Throws Error under kError.
void merge_duplicate_samples(Table& table, Duplicates policy, const std::string& modality,
                             const std::string& where, Findings& findings);
void merge_duplicate_features(Modality& modality, Duplicates policy, const std::string& where,
                              Findings& findings);

}  // namespace cohesin
