#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cohesin {

struct GeneSet {
  std::string name, description;
  std::vector<std::string> genes;  // each once, in the order of the file
};

// Gene sets of a GMT file (MSigDB's and Enrichr's), plain or gzip: one set a line, tab-separated:
// name, description (may be empty), genes. Empty fields behind the genes are ignored, as is a gene
// that a line repeats. Throws Error naming file and line: no set, a line without a gene, a set
// without name, the same name twice.
std::vector<GeneSet> read_gene_sets(const std::filesystem::path& path);

}  // namespace cohesin
