#pragma once

#include <filesystem>

#include "cohesin/omics/track_set.h"

namespace cohesin {

// A file of tracks, tracks.h5: 1-D datasets `chrom start end split sequence` of the windows,
// `tracks description strand_pair` of the tracks, `targets` [windows, bins, tracks] float32, and
// the attribute `bin_size` of the root. The same set gives the same bytes.
void write_tracks(const TrackSet& set, const std::filesystem::path& path);

// Reads and checks everything. Throws Error naming the file, the dataset and what is wrong in it.
TrackSet read_tracks(const std::filesystem::path& path);

// Whether the file looks like one: an HDF5 file with `targets` and `tracks`.
bool is_tracks_file(const std::filesystem::path& path);

}  // namespace cohesin
