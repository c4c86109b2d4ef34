#pragma once

#include <vector>

#include "cohesin/stats/matrix.h"

namespace cohesin {

// Principal components, exact: by the covariance of columns where these are fewer, else by the
// products of rows. Equal to scikit-learn's PCA, signs included (the entry of largest magnitude of
// each component is positive).
struct Pca {
  std::vector<double> mean;                // [p]
  Matrix components;                       // [k, p], orthonormal rows
  std::vector<double> explained_variance;  // [k], with n - 1, descending
};

// `num_components` 0 = as many as there are directions with variance; no more are ever returned.
// Throws Error on NaN and below two rows.
Pca fit_pca(const Matrix& rows, size_t num_components = 0);

// [n, k]
Matrix project(const Pca& pca, const Matrix& rows);

}  // namespace cohesin
