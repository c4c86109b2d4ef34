#include "cohesin/io/tracks_file.h"

#include <span>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/hdf5.h"
#include "cohesin/io/hdf5_probe.h"

namespace cohesin {
namespace {

constexpr int kCompression = 4;

// All but the values; returns their dataset.
Hdf5Dataset read_outline(const Hdf5Group& root, TrackSet& set) {
  set.chrom = root.dataset("chrom").read_texts();
  set.start = root.dataset("start").read<int64_t>();
  set.end = root.dataset("end").read<int64_t>();
  set.split = root.dataset("split").read_texts();
  set.letters = root.dataset("sequence").read_texts();
  set.tracks = root.dataset("tracks").read_texts();
  set.descriptions = root.dataset("description").read_texts();
  set.strand_pair = root.dataset("strand_pair").read<int64_t>();
  const auto bin_size = root.integers_attribute("bin_size");
  if (!bin_size || bin_size->size() != 1)
    throw Error("{}: has no attribute bin_size, the bases of a bin", root.where());
  set.bin_size = bin_size->front();
  Hdf5Dataset targets = root.dataset("targets");
  const std::vector<uint64_t>& extents = targets.extents();
  if (extents.size() != 3 || extents[0] != set.num_windows() || extents[2] != set.tracks.size())
    throw Error("{}: expected [{} windows, bins, {} tracks], found [{}]", targets.where(),
                set.num_windows(), set.tracks.size(), fmt::join(extents, ", "));
  set.num_bins = static_cast<int64_t>(extents[1]);
  return targets;
}

}  // namespace

void write_tracks(const TrackSet& set, const std::filesystem::path& path) {
  check_tracks(set, path.string());
  AtomicFile out(path);
  Hdf5File file = Hdf5File::create(out.temporary(), path.string());
  Hdf5Group root = file.root();
  const uint64_t windows = set.num_windows(), tracks = set.tracks.size();
  root.write_texts("chrom", set.chrom);
  root.write("start", std::span<const int64_t>(set.start), {windows});
  root.write("end", std::span<const int64_t>(set.end), {windows});
  root.write_texts("split", set.split);
  root.write_texts("sequence", set.letters);
  root.write_texts("tracks", set.tracks);
  root.write_texts("description", set.descriptions);
  root.write("strand_pair", std::span<const int64_t>(set.strand_pair), {tracks});
  root.write("targets", std::span<const float>(set.targets),
             {windows, static_cast<uint64_t>(set.num_bins), tracks}, kCompression);
  root.set_attribute("bin_size", set.bin_size);
  file.close();
  out.commit();
}

TrackSet read_tracks(const std::filesystem::path& path) {
  probe_hdf5(path, [&path] {
    TrackSet outline;
    read_outline(Hdf5File::open(path).root(), outline).check_chunks();
  });
  const Hdf5File file = Hdf5File::open(path);
  TrackSet set;
  const Hdf5Dataset targets = read_outline(file.root(), set);
  set.targets = targets.read<float>();
  check_tracks(set, path.string());
  return set;
}

bool is_tracks_file(const std::filesystem::path& path) {
  if (!is_hdf5(path)) return false;
  const Hdf5File file = Hdf5File::open(path);
  const Hdf5Group root = file.root();
  return root.has("targets") && root.has("tracks");
}

}  // namespace cohesin
