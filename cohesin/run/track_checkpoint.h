#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/models/encoders/enformer.h"
#include "cohesin/run/model_checkpoint.h"

namespace cohesin {

// What a checkpoint says of the tracks that it was trained on; empty where it does not say.
struct TrainedTracks {
  std::string head;
  int64_t window_bp = 0;
  std::string table;                 // tracks.tsv
  std::vector<std::string> names;    // of its tracks
  std::vector<int64_t> strand_pair;  // of each track that of the other strand, or itself
};
TrainedTracks trained_tracks(const ModelCheckpoint& checkpoint, const std::string& where);

// An Enformer and which of its heads predicts tracks, ready to be asked.
struct TrackCheckpoint {
  ModelCheckpoint checkpoint;
  std::shared_ptr<Enformer> model;  // that of the checkpoint, in eval mode
  TrainedTracks tracks;             // with a head
};
// `head` empty: that which was trained, or the only one. Throws Error where there are several.
TrackCheckpoint load_track_checkpoint(const std::filesystem::path& path,
                                      const std::filesystem::path& base = {},
                                      const std::string& head = "");

}  // namespace cohesin
