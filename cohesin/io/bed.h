#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cohesin {

// A line of a BED file: bases [start,end) of a chromosome, 0-based.
struct BedRegion {
  std::string chrom;
  int64_t start = 0, end = 0;
  std::string name;  // column 4, or else "chrom:start-end"
  int64_t line = 0;
};

// All regions of a BED file, plain or gzip, in its order. Columns lie between tabs, or else between
// spaces; those beyond the fourth are ignored, and so are empty lines, comments and the lines of
// genome browsers ("track", "browser"). Throws Error naming the line for fewer than three columns,
// for what is no number, for a region that is empty or begins before 0, and for a file without
// regions.
std::vector<BedRegion> read_bed(const std::filesystem::path& path);

}  // namespace cohesin
