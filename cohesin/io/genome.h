#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cohesin {

// Makes the letters A C G T N in upper case: U is T, other IUPAC codes and X are N. Throws Error
// for what is no base, with its place.
void to_bases(std::string& letters);

// The records of a FASTA file as stretches of chromosomes, whole in memory: "chr1" from its first
// base, "chr1:1000-2000" that slice (see parse_slice_name). Letters as to_bases() makes them.
class Genome {
 public:
  // Throws Error naming the line for what is no DNA, and for a stretch that is there twice.
  explicit Genome(const std::filesystem::path& fasta);

  struct Stretch {
    int64_t begin = 0;  // 0-based
    std::string letters;
    int64_t end() const { return begin + static_cast<int64_t>(letters.size()); }
    // Letters [from,to) of the chromosome, N beyond this stretch.
    std::string slice(int64_t from, int64_t to) const;
  };

  // The stretch that holds all of [begin,end), of several the one in which it lies farther inside;
  // null if there is none.
  const Stretch* find(const std::string& chrom, int64_t begin, int64_t end) const;
  // A chromosome here that is the same by the other convention ("chr1" for "1"), if there is one.
  std::optional<std::string> other_name(const std::string& chrom) const;
  int64_t num_letters() const;

 private:
  struct Chrom {
    std::vector<Stretch> stretches;  // in ascending order of their begin
    int64_t longest = 0;             // letters of a stretch
  };
  std::map<std::string, Chrom> chroms_;
};

}  // namespace cohesin
