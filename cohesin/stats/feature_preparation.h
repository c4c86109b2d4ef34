#pragma once

#include <vector>

#include "cohesin/stats/baseline.h"
#include "cohesin/stats/missing_fill.h"
#include "cohesin/stats/standard_scaler.h"

namespace cohesin {

// What is fitted before a linear model: the scaling of each modality and the filling of those that
// a sample lacks.
struct FeaturePreparation {
  std::vector<StandardScaler> scalers;  // one a modality
  MissingFill fill;
};

// Modalities of the same n samples, [n, p] each; an all-NaN row is an absent modality. Where
// `with_fill` is false no filling is fitted (absent rows then become the training mean).
FeaturePreparation fit_preparation(const std::vector<Matrix>& modalities, bool with_fill);

// The modalities standardised and filled, side by side: [n, sum of p]. What a present modality did
// not measure becomes the training mean.
Matrix prepare_features(const FeaturePreparation& preparation,
                        const std::vector<Matrix>& modalities);

// Which samples have the modality, and which have any.
std::vector<bool> present_rows(const Matrix& modality);
std::vector<bool> rows_with_any(const std::vector<Matrix>& modalities);

void store(BaselineState& state, const FeaturePreparation& preparation);
FeaturePreparation stored_preparation(const BaselineState& state, size_t num_modalities);

}  // namespace cohesin
