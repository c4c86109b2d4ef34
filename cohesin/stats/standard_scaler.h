#pragma once

#include <vector>

#include "cohesin/stats/matrix.h"

namespace cohesin {

// Brings each column to mean 0 and variance 1, NaN (not measured) left out. Equal to
// scikit-learn's StandardScaler: variance with n, a constant column is divided by 1.
struct StandardScaler {
  std::vector<double> mean, scale;  // [p]; 0 and 1 for a column that was never measured
};

StandardScaler fit_standard_scaler(const Matrix& rows);

// NaN stays NaN. Throws Error if the number of columns differs from the fitted one.
Matrix standardize(const StandardScaler& scaler, const Matrix& rows);

}  // namespace cohesin
