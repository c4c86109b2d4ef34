#pragma once

#include <vector>

#include "cohesin/stats/matrix.h"

namespace cohesin {

// Linear regression of several outputs with an L2 penalty and a free intercept. The solution lies
// in the span of the training rows' directions and is kept there: k of them instead of p.
struct RidgeModel {
  std::vector<double> input_mean;   // [p]
  Matrix directions;                // [k, p], orthonormal rows
  Matrix coefficients;              // [k, q]
  std::vector<double> output_mean;  // [q]
  double penalty = 0;
};

// Minimises |Y - XW - b|^2 + penalty |W|^2, as scikit-learn's Ridge(alpha=penalty), for the penalty
// with the least squared leave-one-out error (summed over outputs, in closed form: Allen 1974).
// `inputs` [n, p] and `outputs` [n, q] without NaN. Throws Error on NaN and below two rows.
RidgeModel fit_ridge(const Matrix& inputs, const Matrix& outputs,
                     const std::vector<double>& penalties);

// [n, q]
Matrix predict(const RidgeModel& model, const Matrix& inputs);

}  // namespace cohesin
