#include "cohesin/stats/standard_scaler.h"

#include <cmath>

#include "cohesin/base/error.h"

namespace cohesin {

StandardScaler fit_standard_scaler(const Matrix& rows) {
  const size_t columns = rows.num_columns;
  StandardScaler scaler{std::vector<double>(columns, 0.0), std::vector<double>(columns, 0.0)};
  std::vector<double> count(columns, 0.0);
  const auto for_measured = [&](const auto& visit) {
    for (size_t i = 0; i < rows.num_rows; ++i)
      for (size_t j = 0; j < columns; ++j)
        if (!std::isnan(rows.row(i)[j])) visit(j, rows.row(i)[j]);
  };
  for_measured([&](size_t j, double value) {
    scaler.mean[j] += value;
    count[j] += 1;
  });
  for (size_t j = 0; j < columns; ++j)
    if (count[j] > 0) scaler.mean[j] /= count[j];
  for_measured([&](size_t j, double value) {
    scaler.scale[j] += (value - scaler.mean[j]) * (value - scaler.mean[j]);
  });
  for (size_t j = 0; j < columns; ++j) {
    const double sd = count[j] > 0 ? std::sqrt(scaler.scale[j] / count[j]) : 0.0;
    // What remains of a constant column is rounding noise of its mean.
    const bool is_constant = sd <= 1e-14 * std::abs(scaler.mean[j]);
    scaler.scale[j] = is_constant ? 1.0 : sd;
  }
  return scaler;
}

Matrix standardize(const StandardScaler& scaler, const Matrix& rows) {
  if (rows.num_columns != scaler.mean.size())
    throw Error("the scaler was fitted on {} features, got {}", scaler.mean.size(),
                rows.num_columns);
  Matrix scaled(rows.num_rows, rows.num_columns);
  for (size_t i = 0; i < rows.num_rows; ++i)
    for (size_t j = 0; j < rows.num_columns; ++j)
      scaled.row(i)[j] = (rows.row(i)[j] - scaler.mean[j]) / scaler.scale[j];
  return scaled;
}

}  // namespace cohesin
