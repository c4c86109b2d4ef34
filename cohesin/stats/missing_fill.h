#pragma once

#include <cstddef>
#include <vector>

#include "cohesin/stats/matrix.h"
#include "cohesin/stats/ridge.h"

namespace cohesin {

// Fills the rows of a modality that a sample lacks with what ridge regression expects from the
// modalities it has. Blocks are standardised, so that 0 is the training mean.
struct MissingFill {
  struct Regression {
    size_t target;                // index of the modality that is filled
    std::vector<size_t> sources;  // from which ones: all others, or one of them
    RidgeModel model;
  };
  std::vector<Regression> regressions;
};

// Blocks [n, p] of each modality and which samples have it: present[modality][sample]. Each
// regression is fitted on the samples that have target and sources; one with fewer than
// `kFewestFillSamples` of them is left out.
inline constexpr size_t kFewestFillSamples = 10;
MissingFill fit_missing_fill(const std::vector<Matrix>& blocks,
                             const std::vector<std::vector<bool>>& present);

// Fills the absent rows in place: by the regression from all other modalities where the sample has
// them, else by the mean of the regressions from single ones it has, else with 0.
void fill_missing(const MissingFill& fill, std::vector<Matrix>& blocks,
                  const std::vector<std::vector<bool>>& present);

}  // namespace cohesin
