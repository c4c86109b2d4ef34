#pragma once

#include <cstdint>
#include <vector>

#include "cohesin/stats/matrix.h"

namespace cohesin {

// Multinomial logistic regression with a ridge penalty.
struct LogisticModel {
  Matrix coefficients;            // [K, p]
  std::vector<double> intercept;  // [K]; minus infinity for a class without training samples
};

struct LogisticOptions {
  // Each class weighs the same in the loss, as scikit-learn's class_weight="balanced".
  bool balanced_class_weights = false;
  // Of the principal components of the features; 0 = all, the plain regression. With fewer it is
  // principal component regression, told in terms of the features.
  size_t num_components = 0;
  double tolerance = 1e-4;  // of the gradient, in the scaled space of the fit
};

// Minimises C * sum of -log p(label) + 0.5 |W|^2, the intercept free, for each C of
// `inverse_penalties`: scikit-learn's LogisticRegression(C), which for two classes penalises the
// one vector of differences. `rows` [n, p] without NaN; p may exceed n by far, for the fit runs in
// the at most n - 1 directions that the rows span, where it has the same solution. Throws Error if
// a label is outside 0..K-1 or the inputs differ in length.
std::vector<LogisticModel> fit_logistic_path(const Matrix& rows, const std::vector<int64_t>& labels,
                                             int64_t num_classes,
                                             const std::vector<double>& inverse_penalties,
                                             const LogisticOptions& options = {});

LogisticModel fit_logistic(const Matrix& rows, const std::vector<int64_t>& labels,
                           int64_t num_classes, double inverse_penalty,
                           const LogisticOptions& options = {});

// [n, K]; rows sum to 1.
Matrix predict_probabilities(const LogisticModel& model, const Matrix& rows);

}  // namespace cohesin
