#pragma once

#include <cstdint>
#include <vector>

#include "cohesin/io/genome.h"
#include "cohesin/models/encoders/enformer.h"

namespace cohesin {

// Where the bins of a window lie. Published sizes: windows of 196,608 bases, bins of 128, of which
// 320 are cropped from each end and 896 are left.
struct TrackGeometry {
  int64_t window = 0;   // bases
  int64_t bin = 0;      // bases
  int64_t cropped = 0;  // bins at each end
  int64_t bins = 0;     // that are predicted
};

// Of windows of so many bases; 0: the share that is cropped from the published windows, five bins
// of twelve. Throws Error for a length with which the model gives no bin.
TrackGeometry track_geometry(const EnformerConfig& config, int64_t window);

// A window [start, start + geometry.window) and those of its bins that are asked for,
// [first, first + count), counted from the first that is predicted.
struct TrackWindow {
  int64_t start = 0;
  int64_t first = 0, count = 0;
};

// The windows for the bases [begin,end): one whose middle is theirs (base begin + (end - begin) / 2
// is base window / 2), or as many side by side, without gap or overlap of their bins, as these
// bases need. Asked for are the bins that overlap [begin,end), or with `all_bins` all that overlap
// the sequence.
std::vector<TrackWindow> cover_with_windows(const TrackGeometry& geometry, int64_t begin,
                                            int64_t end, const Genome::Stretch& sequence,
                                            bool all_bins);

// The first base of a bin of a window.
int64_t bin_start(const TrackGeometry& geometry, const TrackWindow& window, int64_t bin);

// Bins of a window, counted from the first that is predicted.
struct BinRange {
  int64_t first = 0, count = 0;
};
// So many in the middle: that of base window / 2, count / 2 before it, the others behind it; 0:
// all. Throws Error, naming --bins-around, where there are not so many.
BinRange middle_bins(const TrackGeometry& geometry, int64_t count);

// A 0, C 1, G 2, T 3, N 4; -1 beyond the sequence.
std::vector<int8_t> window_indices(const Genome::Stretch& sequence, int64_t start, int64_t length);

}  // namespace cohesin
