#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cohesin {

// NAME=FILE of the command line.
struct NamedFile {
  std::string name;
  std::filesystem::path file;
};

struct PrepareTracksOptions {
  // Tracks as users have them: bins of these regions of a genome.
  std::filesystem::path genome;    // FASTA
  std::filesystem::path regions;   // BED, equally long; column 4 is the split
  std::vector<NamedFile> bigwigs;  // by the name of the track
  int64_t context = 0;             // bases that a window has at each side of its region
  std::vector<std::string> valid_chromosomes, test_chromosomes;  // instead of column 4

  // Or windows that were made already.
  std::filesystem::path fasta;    // records "chrom:start-end|split|index"
  std::vector<NamedFile> values;  // 16-bit numbers [windows, bins, tracks], by the split

  std::filesystem::path tracks;  // table with identifier, description, strand_pair
  int64_t bin = 32;              // bases
  std::filesystem::path out;     // tracks.h5
  bool force = false;
};

// The verb `prepare tracks`: writes `out` and returns what is in it, for people. Throws Error where
// the parts do not belong together, naming the file and the place.
std::string prepare_tracks(const PrepareTracksOptions& options);

}  // namespace cohesin
