#pragma once

#include <Eigen/Core>
#include <vector>

#include "cohesin/stats/matrix.h"

namespace cohesin {

// Our matrices as Eigen sees them. Only .cpp files of this folder include this header: what others
// include stays free of Eigen.
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline Eigen::Map<const RowMajor> view(const Matrix& matrix) {
  return {matrix.values.data(), static_cast<Eigen::Index>(matrix.num_rows),
          static_cast<Eigen::Index>(matrix.num_columns)};
}
inline Eigen::Map<RowMajor> view(Matrix& matrix) {
  return {matrix.values.data(), static_cast<Eigen::Index>(matrix.num_rows),
          static_cast<Eigen::Index>(matrix.num_columns)};
}
inline Eigen::Map<const Eigen::RowVectorXd> view(const std::vector<double>& values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

template <typename Derived>
Matrix to_matrix(const Eigen::MatrixBase<Derived>& values) {
  Matrix matrix(static_cast<size_t>(values.rows()), static_cast<size_t>(values.cols()));
  view(matrix) = values;
  return matrix;
}
template <typename Derived>
std::vector<double> to_vector(const Eigen::MatrixBase<Derived>& values) {
  std::vector<double> vector(static_cast<size_t>(values.size()));
  for (size_t i = 0; i < vector.size(); ++i) vector[i] = values(static_cast<Eigen::Index>(i));
  return vector;
}

}  // namespace cohesin
