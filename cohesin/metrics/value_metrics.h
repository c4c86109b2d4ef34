#pragma once

#include <span>

namespace cohesin {

// Scores of predicted values. Inputs that are empty or differ in length throw Error.

// Correlations are NaN below two samples, for a constant input, and if any value is NaN.
double pearson_correlation(std::span<const double> truth, std::span<const double> predicted);
// Ties take their average rank.
double spearman_correlation(std::span<const double> truth, std::span<const double> predicted);
// Kendall's tau-b (Knight 1966, n log n).
double kendall_correlation(std::span<const double> truth, std::span<const double> predicted);

// These throw Error if a value is NaN.
double mean_squared_error(std::span<const double> truth, std::span<const double> predicted);
double mean_absolute_error(std::span<const double> truth, std::span<const double> predicted);
// NaN below two samples; of a constant truth 1 if every prediction is exact, else 0.
double r_squared(std::span<const double> truth, std::span<const double> predicted);

}  // namespace cohesin
