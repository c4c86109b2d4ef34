#pragma once

#include <string>
#include <vector>

#include "cohesin/report/report_data.h"

namespace cohesin {

// ROC curves, one `mark-roc` a class that has both positives and negatives.
std::string draw_roc(const std::vector<RocLine>& lines, const std::vector<std::string>& classes);

// Reliability diagram: one `mark-calibration` a bin with samples, its area growing with their
// number, with Wilson's 95 % interval of the accuracy; below, how often each confidence occurs.
std::string draw_reliability(const std::vector<ReliabilityBin>& bins);

// Losses against the optimizer step: one `mark-curve` a run for training and one for validation,
// and a `mark-best` at each run's lowest validation loss. All curves must be of one stage.
std::string draw_training(const std::vector<TrainingCurve>& curves);

}  // namespace cohesin
