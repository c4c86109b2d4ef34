#pragma once

#include <filesystem>

#include "cohesin/data/track_dataset.h"
#include "cohesin/models/encoders/enformer.h"
#include "cohesin/run/recipe.h"
#include "cohesin/run/train_recipe.h"

namespace cohesin {

// `cohesin train` with task.name "tracks": Enformer from scratch, or from a checkpoint with another
// head, on the windows of a file of tracks (options.data). Trained on is the split "train". Where
// the file has windows "test", those named "valid" choose the best epoch; else part of the training
// windows does (train.validation_fraction), and "valid" is left for `evaluate`. Leaves a run folder
// with inner_split.tsv and training_samples.tsv; its checkpoints hold tracks.tsv, the names of the
// tracks. Throws Error for data that do not fit the recipe.
void train_tracks(const TrainOptions& options, const Recipe& recipe);

// The pieces that this model sees with windows of so many bases (0: as `predict` takes them).
// Throws Error where its bins are not as long as those of the set, or where it has fewer.
CutShape cut_shape(const EnformerConfig& config, int64_t window_bp, const TrackSet& set);

// The part of a set that training leaves alone: "test", or without such "valid".
std::string scored_part(const TrackSet& set);

}  // namespace cohesin
