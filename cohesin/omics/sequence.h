#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cohesin {

// One record of a FASTA file: letters as they stand there, in either case.
struct Sequence {
  std::string id;           // the header up to its first white space
  std::string description;  // what follows in the header
  std::string letters;
};

enum class Alphabet { kProtein, kDna, kRna };
std::string alphabet_name(Alphabet alphabet);  // "protein", "DNA", "RNA"

// The other strand, read 5' to 3'. IUPAC codes are complemented (R Y, K M, B V, D H; S, W and N
// stay), the case is kept, '-' and '.' stay gaps. `alphabet` says what A pairs with: T or U; T and
// U both pair with A. Throws Error for a protein or for a letter that is no base, with its place.
std::string reverse_complement(std::string_view letters, Alphabet alphabet = Alphabet::kDna);

// A stretch of a chromosome, 0-based and half-open.
struct NamedSlice {
  std::string chrom;
  int64_t start = 0;
  int64_t end = 0;
};

// What a record named "chrom:start-end" is a slice of; text after '|' is ignored. The length of the
// record tells the convention: end - start letters are 0-based half-open, end - start + 1 are
// 1-based inclusive; neither is an Error. A name of another form is no slice. `chrom` may hold ':'.
std::optional<NamedSlice> parse_slice_name(std::string_view name, int64_t length);

}  // namespace cohesin
