#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cohesin {

// A value of the bases [start,end) of a chromosome, 0-based.
struct BigWigInterval {
  std::string chrom;
  int64_t start = 0, end = 0;
  float value = 0;
};

// A bigWig file with zoom levels, whole or not at all. Intervals may come in any order; bases of
// one that an interval before it (by its start) has already are left out, for the format holds one
// value a base. Throws Error for an interval beyond its chromosome.
void write_bigwig(const std::filesystem::path& path,
                  const std::map<std::string, int64_t>& chrom_lengths,
                  std::vector<BigWigInterval> intervals);

}  // namespace cohesin
