#include "cohesin/run/track_windows.h"

#include <algorithm>
#include <string_view>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

// Of the published windows.
constexpr int64_t kPublishedPositions = 1536, kPublishedBins = 896;

int64_t default_positions(const EnformerConfig& config) {
  if (parse_gamma(config.gamma) == GammaFeatures::table) return kPublishedPositions;
  const int64_t target = config.target_length;
  if (target == -1)
    throw Error("the model crops nothing (target_length -1), so any window goes: pass --window");
  const int64_t scaled = target * kPublishedPositions;
  const int64_t positions = (scaled + kPublishedBins - 1) / kPublishedBins;
  return positions + (positions - target) % 2;  // as much at each end
}

}  // namespace

TrackGeometry track_geometry(const EnformerConfig& config, int64_t window) {
  TrackGeometry geometry;
  geometry.bin = int64_t{1} << config.num_downsamples;
  geometry.window = window != 0 ? window : default_positions(config) * geometry.bin;
  if (geometry.window < geometry.bin || geometry.window % geometry.bin != 0)
    throw Error("--window {}: expected a multiple of the {} bases of a bin", window, geometry.bin);
  const int64_t positions = geometry.window / geometry.bin, target = config.target_length;
  if (parse_gamma(config.gamma) == GammaFeatures::table && positions != kPublishedPositions)
    throw Error(
        "--window {}: the model's table of gamma features is for {} bases alone; convert with "
        "\"gamma\": \"position_axis\" for other lengths",
        geometry.window, kPublishedPositions * geometry.bin);
  if (target != -1) geometry.cropped = std::max<int64_t>(0, (positions - target + 1) / 2);
  geometry.bins = positions - 2 * geometry.cropped;
  if (geometry.bins < 1 || (target != -1 && positions < target))
    throw Error(
        "--window {}: {} bins of {} bases, but the model's target_length is {}: at least "
        "{} bases are needed",
        geometry.window, positions, geometry.bin, target, target * geometry.bin);
  return geometry;
}

std::vector<TrackWindow> cover_with_windows(const TrackGeometry& g, int64_t begin, int64_t end,
                                            const Genome::Stretch& sequence, bool all_bins) {
  const int64_t covered = g.bins * g.bin;  // by the bins of a window
  const int64_t num_windows = (end - begin + covered - 1) / covered;
  const int64_t origin = begin + (end - begin) / 2 - num_windows * covered / 2;
  const int64_t from = all_bins ? std::max(origin, sequence.begin) : begin;
  const int64_t to = all_bins ? std::min(origin + num_windows * covered, sequence.end()) : end;
  const int64_t first = (from - origin) / g.bin, last = (to - origin + g.bin - 1) / g.bin;
  std::vector<TrackWindow> windows;
  for (int64_t i = 0; i < num_windows; ++i) {
    TrackWindow window;
    window.start = origin + i * covered - g.cropped * g.bin;
    window.first = std::max<int64_t>(0, first - i * g.bins);
    window.count = std::min(g.bins, last - i * g.bins) - window.first;
    if (window.count > 0) windows.push_back(window);
  }
  return windows;
}

int64_t bin_start(const TrackGeometry& geometry, const TrackWindow& window, int64_t bin) {
  return window.start + (geometry.cropped + bin) * geometry.bin;
}

BinRange middle_bins(const TrackGeometry& geometry, int64_t count) {
  if (count == 0) return {0, geometry.bins};
  if (count < 0 || count > geometry.bins)
    throw Error("--bins-around {}: the model predicts {} bins of {} bases", count, geometry.bins,
                geometry.bin);
  return {geometry.window / 2 / geometry.bin - geometry.cropped - count / 2, count};
}

std::vector<int8_t> window_indices(const Genome::Stretch& sequence, int64_t start, int64_t length) {
  constexpr std::string_view kBases = "ACGTN";
  std::vector<int8_t> indices(static_cast<size_t>(length), -1);
  const int64_t from = std::max(start, sequence.begin);
  const int64_t to = std::min(start + length, sequence.end());
  for (int64_t base = from; base < to; ++base) {
    const char letter = sequence.letters[static_cast<size_t>(base - sequence.begin)];
    indices[static_cast<size_t>(base - start)] = static_cast<int8_t>(kBases.find(letter));
  }
  return indices;
}

}  // namespace cohesin
