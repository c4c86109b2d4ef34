#include "cohesin/run/track_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace cohesin {

void TrackSums::add_window(const float* predicted, const float* measured, int64_t num_bins) {
  constexpr float kSmallest = 1e-20F;
  const size_t first = sums_.size();
  sums_.resize(first + num_tracks_);
  for (int64_t bin = 0; bin < num_bins; ++bin) {
    for (size_t track = 0; track < num_tracks_; ++track, ++predicted, ++measured) {
      sums_[first + track].add(*predicted, *measured);
      loss_ += *predicted - *measured * std::log(std::max(*predicted, kSmallest));
    }
  }
  num_values_ += num_bins * static_cast<int64_t>(num_tracks_);
}

std::vector<double> TrackSums::pearson(const std::vector<size_t>& windows) const {
  std::vector<double> all;
  for (size_t track = 0; track < num_tracks_; ++track) {
    CorrelationSums sums;
    for (const size_t window : windows) sums += sums_[window * num_tracks_ + track];
    all.push_back(sums.pearson());
  }
  return all;
}

std::vector<double> TrackSums::pearson() const {
  std::vector<size_t> windows(num_windows());
  std::iota(windows.begin(), windows.end(), 0);
  return pearson(windows);
}

double TrackSums::poisson_loss() const { return loss_ / static_cast<double>(num_values_); }

std::map<std::string, double> group_means(const std::vector<double>& of_tracks,
                                          const std::vector<std::string>& descriptions) {
  std::map<std::string, std::pair<double, double>> sums;
  for (size_t track = 0; track < of_tracks.size(); ++track) {
    const std::string group = track_group(descriptions[track]);
    for (const std::string& name :
         group.empty() ? std::vector<std::string>{""} : std::vector<std::string>{"", group}) {
      auto& [sum, count] = sums[name];
      if (std::isnan(of_tracks[track])) continue;
      sum += of_tracks[track];
      count += 1;
    }
  }
  std::map<std::string, double> means;
  for (const auto& [name, sum] : sums) means[name] = sum.first / sum.second;
  return means;
}

}  // namespace cohesin
