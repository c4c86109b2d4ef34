#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cohesin {

// Measured tracks (DNase, CAGE, ...) along windows of a genome, with the letters of the windows:
// all that a training needs. Windows are equally long; their bins lie in the middle, side by side.
struct TrackSet {
  std::vector<std::string> chrom;    // of each window
  std::vector<int64_t> start, end;   // bases of the whole window, 0-based, half-open
  std::vector<std::string> split;    // train, valid, test
  std::vector<std::string> letters;  // A C G T N, end - start of them

  std::vector<std::string> tracks;        // names
  std::vector<std::string> descriptions;  // "DNASE:GM12865", may be empty
  std::vector<int64_t> strand_pair;       // the same assay on the other strand, or the track itself

  int64_t bin_size = 0;        // bases
  int64_t num_bins = 0;        // of a window
  std::vector<float> targets;  // [windows, bins, tracks]

  size_t num_windows() const { return chrom.size(); }
  int64_t num_tracks() const { return static_cast<int64_t>(tracks.size()); }
  int64_t window_bp() const { return num_windows() == 0 ? 0 : end.front() - start.front(); }
  int64_t first_bin_bp() const { return (window_bp() - num_bins * bin_size) / 2; }  // in the window
  const float* values(size_t window) const {
    return targets.data() + window * static_cast<size_t>(num_bins) * tracks.size();
  }
  std::string window_name(size_t window) const;                   // "chr1:1000-2000"
  std::vector<size_t> windows_of(const std::string& part) const;  // with this split, in order
};

// "DNASE" of "DNASE:GM12865"; the whole description without a colon.
std::string track_group(const std::string& description);

// Throws Error naming `where` and the first place where the parts do not belong together: lengths,
// letters, values that are no number or below 0, pairs of strands that are not mutual, names that
// occur twice.
void check_tracks(const TrackSet& set, const std::string& where);

// Pairs of windows of different splits that have bases in common, and the first of them in words.
struct WindowOverlaps {
  int64_t count = 0;
  std::string first;
};
WindowOverlaps overlaps_between_splits(const TrackSet& set);

}  // namespace cohesin
