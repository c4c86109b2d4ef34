#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace cohesin {

// A plain row-major matrix of numbers, without names.
struct Matrix {
  size_t num_rows = 0, num_columns = 0;
  std::vector<double> values;  // [rows, columns]

  Matrix() = default;
  Matrix(size_t rows, size_t columns, double value = 0.0)
      : num_rows(rows), num_columns(columns), values(rows * columns, value) {}
  Matrix(size_t rows, size_t columns, std::vector<double> content)
      : num_rows(rows), num_columns(columns), values(std::move(content)) {}

  const double* row(size_t index) const { return values.data() + index * num_columns; }
  double* row(size_t index) { return values.data() + index * num_columns; }
};

// The rows named, in that order.
inline Matrix pick_rows(const Matrix& from, const std::vector<size_t>& rows) {
  Matrix picked(rows.size(), from.num_columns);
  for (size_t i = 0; i < rows.size(); ++i)
    for (size_t j = 0; j < from.num_columns; ++j) picked.row(i)[j] = from.row(rows[i])[j];
  return picked;
}

}  // namespace cohesin
