#include "cohesin/omics/track_set.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

void check_windows(const TrackSet& set, const std::string& where) {
  const size_t count = set.num_windows();
  if (count == 0) throw Error("{}: no windows", where);
  if (set.start.size() != count || set.end.size() != count || set.split.size() != count ||
      set.letters.size() != count) {
    throw Error(
        "{}: {} chrom, {} start, {} end, {} split and {} sequence; each window needs one of each",
        where, count, set.start.size(), set.end.size(), set.split.size(), set.letters.size());
  }
  std::set<std::tuple<std::string, int64_t, int64_t>> seen;
  for (size_t i = 0; i < count; ++i) {
    const std::string name = set.window_name(i);
    if (set.start[i] < 0 || set.end[i] - set.start[i] != set.window_bp())
      throw Error("{}: window {} has {} bases, the first {}; all windows are equally long", where,
                  name, set.end[i] - set.start[i], set.window_bp());
    if (static_cast<int64_t>(set.letters[i].size()) != set.window_bp())
      throw Error("{}: window {} has {} letters", where, name, set.letters[i].size());
    const size_t other = set.letters[i].find_first_not_of("ACGTN");
    if (other != std::string::npos)
      throw Error("{}: window {}: letter {} is '{}', expected A, C, G, T or N", where, name,
                  other + 1, set.letters[i][other]);
    if (!seen.emplace(set.chrom[i], set.start[i], set.end[i]).second)
      throw Error("{}: window {} occurs twice", where, name);
    if (set.split[i] != "train" && set.split[i] != "valid" && set.split[i] != "test")
      throw Error("{}: window {} has the split '{}', expected train, valid or test", where, name,
                  set.split[i]);
  }
}

void check_track_names(const TrackSet& set, const std::string& where) {
  const size_t count = set.tracks.size();
  if (count == 0) throw Error("{}: no tracks", where);
  if (set.descriptions.size() != count || set.strand_pair.size() != count)
    throw Error("{}: {} tracks, {} descriptions and {} strand pairs; each track needs one", where,
                count, set.descriptions.size(), set.strand_pair.size());
  std::set<std::string> names;
  for (size_t i = 0; i < count; ++i) {
    if (set.tracks[i].empty()) throw Error("{}: track {} has no name", where, i + 1);
    if (!names.insert(set.tracks[i]).second)
      throw Error("{}: two tracks are named '{}'", where, set.tracks[i]);
    const int64_t pair = set.strand_pair[i];
    if (pair < 0 || pair >= set.num_tracks() ||
        set.strand_pair[static_cast<size_t>(pair)] != static_cast<int64_t>(i)) {
      throw Error(
          "{}: track {} ('{}') has the strand pair {}, which is not a track that names it back",
          where, i, set.tracks[i], pair);
    }
  }
}

void check_values(const TrackSet& set, const std::string& where) {
  const auto bins = static_cast<size_t>(set.num_bins);
  if (set.targets.size() != set.num_windows() * bins * set.tracks.size())
    throw Error("{}: {} values, expected {} windows x {} bins x {} tracks", where,
                set.targets.size(), set.num_windows(), bins, set.tracks.size());
  const auto wrong = std::find_if(set.targets.begin(), set.targets.end(),
                                  [](float value) { return !std::isfinite(value) || value < 0; });
  if (wrong == set.targets.end()) return;
  const auto at = static_cast<size_t>(wrong - set.targets.begin());
  const size_t bin = at / set.tracks.size();
  throw Error(
      "{}: window {}, bin {}, track '{}': the value is {}; the Poisson loss needs finite numbers "
      "of 0 or more",
      where, set.window_name(bin / bins), bin % bins, set.tracks[at % set.tracks.size()], *wrong);
}

}  // namespace

std::string TrackSet::window_name(size_t window) const {
  return fmt::format("{}:{}-{}", chrom[window], start[window], end[window]);
}

std::vector<size_t> TrackSet::windows_of(const std::string& part) const {
  std::vector<size_t> windows;
  for (size_t i = 0; i < split.size(); ++i)
    if (split[i] == part) windows.push_back(i);
  return windows;
}

std::string track_group(const std::string& description) {
  return description.substr(0, description.find(':'));
}

void check_tracks(const TrackSet& set, const std::string& where) {
  check_windows(set, where);
  check_track_names(set, where);
  const int64_t covered = set.num_bins * set.bin_size;
  if (set.bin_size < 1 || set.num_bins < 1)
    throw Error("{}: {} bins of {} bases; expected 1 or more of both", where, set.num_bins,
                set.bin_size);
  if (covered > set.window_bp() || (set.window_bp() - covered) % 2 != 0)
    throw Error("{}: {} bins of {} bases are {}, which do not lie in the middle of {} bases", where,
                set.num_bins, set.bin_size, covered, set.window_bp());
  check_values(set, where);
}

WindowOverlaps overlaps_between_splits(const TrackSet& set) {
  std::vector<size_t> order(set.num_windows());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&set](size_t a, size_t b) {
    return std::tie(set.chrom[a], set.start[a]) < std::tie(set.chrom[b], set.start[b]);
  });
  WindowOverlaps overlaps;
  for (size_t i = 0; i < order.size(); ++i) {
    const size_t a = order[i];
    for (size_t j = i + 1; j < order.size(); ++j) {
      const size_t b = order[j];
      if (set.chrom[b] != set.chrom[a] || set.start[b] >= set.end[a]) break;
      if (set.split[a] == set.split[b]) continue;
      if (overlaps.count++ == 0)
        overlaps.first = fmt::format("{} ({}) and {} ({})", set.window_name(a), set.split[a],
                                     set.window_name(b), set.split[b]);
    }
  }
  return overlaps;
}

}  // namespace cohesin
