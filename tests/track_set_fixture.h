#pragma once

#include <string>
#include <vector>

#include "cohesin/omics/track_set.h"

namespace cohesin::testing {

// Two windows of 40 bases with 4 bins of 8 and 3 tracks: a pair of strands and one without.
inline TrackSet small_track_set() {
  TrackSet set;
  set.chrom = {"chr1", "chr2"};
  set.start = {100, 0};
  set.end = {140, 40};
  set.split = {"train", "valid"};
  set.letters = {"ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGN",
                 "TTTTTTTTTTTTTTTTTTTTCCCCCCCCCCCCCCCCCCCC"};
  set.tracks = {"cage+", "cage-", "dnase"};
  set.descriptions = {"CAGE:cells", "CAGE:cells", "DNASE:cells"};
  set.strand_pair = {1, 0, 2};
  set.bin_size = 8;
  set.num_bins = 4;
  for (int i = 0; i < 24; ++i) set.targets.push_back(0.5F * static_cast<float>(i));
  return set;
}

}  // namespace cohesin::testing
