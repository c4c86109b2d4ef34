#pragma once

#include <string>

#include "cohesin/run/answer.h"

namespace cohesin {

// `evaluate` on a file of tracks: Pearson's correlation of each track over all bins of the windows
// that training leaves alone (scored_part), the means over assays, and beside it a ridge regression
// of the tracks on the base composition around each bin (base_composition), fitted on the training
// windows. Intervals are a bootstrap over windows. Writes options.out and returns a person's view.
// Throws Error where the model's tracks are not those of the file.
std::string evaluate_tracks(const EvaluateOptions& options);

}  // namespace cohesin
