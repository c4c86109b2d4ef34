#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <unordered_map>

#include "cohesin/omics/gene_list.h"

namespace cohesin {

// Small files about genes: one record a line, fields separated by tab (or comma, where the first
// line has no tab), plain or gzip. `#` lines are comments; a first line that names its columns
// (gene, gene_id, symbol, probe, ...) is skipped. All throw Error naming file and line: empty file,
// wrong number of fields, an empty field, a contradiction.

// Gene ids in order, with gene names where there is a second column; a checkpoint's features.tsv
// (header `feature`) is a list of genes as well. A repeated id is an Error.
GeneList read_gene_list(const std::filesystem::path& path);

// alias, gene. An alias may stand for several genes.
Aliases read_aliases(const std::filesystem::path& path);

// gene, length in bases (> 0); Ensembl ids lose their version. Two lengths for one gene are an
// Error.
std::unordered_map<std::string, double> read_gene_lengths(const std::filesystem::path& path);

// value, name of the class. A repeated value is an Error. Numbers are keys as column_as_text writes
// them: 0.0 is "0".
std::map<std::string, std::string> read_class_names(const std::filesystem::path& path);

}  // namespace cohesin
