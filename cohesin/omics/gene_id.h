#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cohesin {

// What to do with genes that a model or a list needs and the data lack: stop, take 0 in the data's
// unit, or treat them as not measured.
enum class MissingGenes { kError, kZero, kMask };

MissingGenes parse_missing_genes(const std::string& name);  // error, zero, mask; else throws Error

// "ENSG00000000003.15" -> "ENSG00000000003"; a suffix such as "_PAR_Y" stays, since it names
// another copy of the gene. Anything that is no Ensembl id comes back unchanged.
std::string unversioned_gene_id(const std::string& id);

// "TP53_7157" -> "TP53"; nothing if it is not SYMBOL_ENTREZ.
std::optional<std::string> symbol_of_symbol_entrez(const std::string& id);

// The names under which one gene may be known elsewhere.
struct GeneKeys {
  std::string id;      // without version
  std::string symbol;  // gene_name, or the symbol of SYMBOL_ENTREZ, or else the id
};

// Keys of a list of features; `gene_names` may be empty (none known) or hold empty text.
// SYMBOL_ENTREZ is recognised only if the whole list is of that form ("hsa_mir_126" and "NM_000546"
// keep theirs).
std::vector<GeneKeys> gene_keys(const std::vector<std::string>& features,
                                const std::vector<std::string>& gene_names);

// Finds genes of one list in another: by id, else by a symbol that is unambiguous in both lists.
class GeneMatcher {
 public:
  explicit GeneMatcher(const std::vector<GeneKeys>& targets);

  // For each gene the index of its target, or -1. No target is given to two genes; the id goes
  // first.
  std::vector<int64_t> match(const std::vector<GeneKeys>& genes) const;

 private:
  size_t num_targets_;
  std::unordered_map<std::string, int64_t> by_id_, by_symbol_;
};

}  // namespace cohesin
