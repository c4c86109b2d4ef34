#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "cohesin/io/bed.h"
#include "cohesin/io/genome.h"
#include "cohesin/run/track_windows.h"

namespace cohesin {

// A region in its sequence, with the windows that it needs.
struct PlacedRegion {
  const BedRegion* region = nullptr;
  const Genome::Stretch* sequence = nullptr;
  std::vector<TrackWindow> windows;
};

struct RegionPlacementRules {
  std::string bed, genome;           // the files, for errors
  std::string out_of_range = "pad";  // windows beyond the sequence: pad, drop or error
  int64_t window = 0;                // bases
  std::function<std::vector<TrackWindow>(const BedRegion&, const Genome::Stretch&)> windows_of;
};

// The regions in the genome, in their order; the pointers are into both. Left out, and counted in
// the log, are those in no sequence and those whose windows are to be dropped. Throws Error naming
// the line: with out_of_range error, where the chromosome has another name, and where none is left.
std::vector<PlacedRegion> place_regions(const std::vector<BedRegion>& regions, const Genome& genome,
                                        const RegionPlacementRules& rules);

// "FILE:LINE: CHROM:START-END", for errors.
std::string where_is(const BedRegion& region, const std::string& bed);

}  // namespace cohesin
