#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cohesin/metrics/correlation_sums.h"
#include "cohesin/omics/track_set.h"

namespace cohesin {

// How well tracks are predicted: sums of each window and track, thus of any choice of windows.
class TrackSums {
 public:
  explicit TrackSums(int64_t num_tracks) : num_tracks_(static_cast<size_t>(num_tracks)) {}

  // The bins of one more window, [bins, tracks] both.
  void add_window(const float* predicted, const float* measured, int64_t num_bins);

  size_t num_windows() const { return num_tracks_ == 0 ? 0 : sums_.size() / num_tracks_; }
  // Of each track over all bins of these windows (which may occur several times).
  std::vector<double> pearson(const std::vector<size_t>& windows) const;
  std::vector<double> pearson() const;  // of all
  double poisson_loss() const;          // mean over all bins and tracks

 private:
  size_t num_tracks_;
  std::vector<CorrelationSums> sums_;  // [windows, tracks]
  double loss_ = 0;
  int64_t num_values_ = 0;
};

// The mean over the tracks of each assay ("DNASE"), where a correlation is defined, and over all
// tracks by the name "".
std::map<std::string, double> group_means(const std::vector<double>& of_tracks,
                                          const std::vector<std::string>& descriptions);

}  // namespace cohesin
