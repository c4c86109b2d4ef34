#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cohesin/encode/sequence_tokenizer.h"
#include "cohesin/io/text_table.h"
#include "cohesin/omics/mutation_name.h"

namespace cohesin {

struct Protein {
  std::string name;
  std::string letters;  // those that the model reads
};

// Every record. Throws Error naming the line for letters that are refused and names that repeat.
std::vector<Protein> read_proteins(const std::filesystem::path& fasta,
                                   const SequenceTokenizer& tokenizer);

// A row of the table that can be scored.
struct ProteinMutation {
  size_t row = 0;
  size_t protein = 0;
  std::vector<Substitution> substitutions;  // positions 0-based in the protein
};

// The mutations of a table, held against the proteins; `offset` is the number of the first residue.
// With several proteins the column `sequence`, `protein` or `name` says which. Rows with a stop are
// left out, with a warning. Throws Error naming line, mutation and what the protein has there, with
// the offset that would fit, if there is one.
std::vector<ProteinMutation> read_mutations(const TextTable& table, const std::string& column,
                                            const std::vector<Protein>& proteins, int64_t offset);

// NaN where a field is missing. Throws Error naming the line of what is no number.
std::vector<double> numbers_of_column(const TextTable& table, const std::string& column);

}  // namespace cohesin
