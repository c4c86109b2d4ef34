#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/omics/track_set.h"
#include "cohesin/tensor/batch.h"

namespace cohesin {

// Where the bins lie in what a model sees at a time.
struct CutShape {
  int64_t window_bp = 0;  // bases that it sees
  int64_t first_bin = 0;  // of those predicted, counted in bins from its first base
  int64_t num_bins = 0;   // predicted
};

// A piece of a window: the bins [first_bin, first_bin + num_bins) of the window with the letters
// around them.
struct TrackCut {
  size_t window = 0;
  int64_t first_bin = 0;
  int64_t shift_bp = 0;  // the letters begin so many bases further on, the bins stay
  bool reverse = false;  // the other strand
};

struct CutSettings {
  int64_t shift_bp = 0;  // up to so many, either way
  bool reverse_complement = false;
};

// Batches of pieces of the windows of a set.
class TrackDataset {
 public:
  // Throws Error when a window has fewer bins than a piece.
  TrackDataset(std::shared_ptr<const TrackSet> set, CutShape shape);

  const TrackSet& set() const { return *set_; }
  const CutShape& shape() const { return shape_; }

  // Pieces side by side that have every bin; the last one may have bins of the one before it.
  std::vector<TrackCut> cover(size_t window) const;
  // A piece from anywhere in the window, by (seed, epoch, window's name, number).
  TrackCut draw(size_t window, int64_t number, const CutSettings& settings, uint64_t seed,
                uint64_t epoch) const;

  // "indices" [B,L] int64: A 0, C 1, G 2, T 3, N 4, -1 beyond the window; "targets"
  // [B,num_bins,T]. Of a piece that is turned round, the bins run the other way and tracks of the
  // two strands change places.
  Batch batch(const std::vector<TrackCut>& cuts) const;

 private:
  std::vector<int64_t> indices(const TrackCut& cut) const;

  std::shared_ptr<const TrackSet> set_;
  CutShape shape_;
};

}  // namespace cohesin
