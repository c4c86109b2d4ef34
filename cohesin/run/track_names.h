#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cohesin/omics/frame.h"

namespace cohesin {

// The tracks of a head: HEAD_0, HEAD_1, ... without a file. A file is a list of names, one a line,
// or the authors' table of targets (columns between tabs): its column `identifier`, or else
// `description`, names the tracks, and all columns are kept. Throws Error when there are not as
// many as the head has tracks.
Frame track_names(const std::filesystem::path& file, const std::string& head, int64_t num_tracks);

// The tracks of a checkpoint's tracks.tsv.
Frame parse_track_names(const std::string& text);

// Where these tracks stand; of several with one name, all. Throws Error naming the nearest.
std::vector<int64_t> find_tracks(const Frame& tracks, const std::vector<std::string>& wanted);
// Those rows alone.
Frame choose_tracks(const Frame& tracks, const std::vector<int64_t>& chosen);

}  // namespace cohesin
