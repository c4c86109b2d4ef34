#include "cohesin/tasks/tracks_config.h"

#include <cmath>

#include "cohesin/base/error.h"

namespace cohesin {

void TracksConfig::visit(Fields& field) {
  field("head", head, "tracks: name of the model's head that predicts them");
  field("window_bp", window_bp,
        "tracks: bases that the model sees at a time; 0 = 12/7 of those that it predicts");
  field("target_bins", target_bins, "tracks: bins that it predicts; 0 = model.target_length");
  field("cuts_per_window", cuts_per_window,
        "tracks: pieces of a window that an epoch shows; 0 = so many that each bin is seen once");
  field("shift_bp", shift_bp, "tracks: the letters are moved by up to so many bases in training");
  field("reverse_complement", reverse_complement, "tracks: half of the pieces are turned round");
  field(
      "assay_weights", assay_weights,
      "tracks: how much those of an assay (\"DNASE\" of a description DNASE:...) count in loss and "
      "validation score; absent ones 1");
}

void TracksConfig::check(const std::string& where) const {
  if (head.empty() || head.find_first_of("./") != std::string::npos)
    throw Error("{}: task.head: '{}' cannot be the name of a head", where, head);
  const auto not_negative = [&where](const char* key, int64_t value) {
    if (value < 0) throw Error("{}: task.{} is {}; it must be 0 or more", where, key, value);
  };
  not_negative("window_bp", window_bp);
  not_negative("target_bins", target_bins);
  not_negative("cuts_per_window", cuts_per_window);
  not_negative("shift_bp", shift_bp);
  for (const auto& [assay, weight] : assay_weights)
    if (!(weight >= 0) || !std::isfinite(weight))
      throw Error("{}: task.assay_weights.{} is {}; it must be 0 or more", where, assay, weight);
}

}  // namespace cohesin
