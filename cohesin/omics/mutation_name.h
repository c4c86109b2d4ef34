#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cohesin {

// One residue in place of another.
struct Substitution {
  char reference = 0;
  int64_t position = 0;
  char alternative = 0;  // '*' = a stop
  std::string name() const;
};

// "A23V", or several joined by ':' or ','; positions as they stand there, in ascending order.
// Residues are the 20 amino acids, U (selenocysteine) and O (pyrrolysine). Throws Error naming what
// is no substitution, a letter that is no amino acid, or a position that is changed twice.
std::vector<Substitution> parse_mutation_name(std::string_view name);

}  // namespace cohesin
