#include "cohesin/stats/pca.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <limits>

#include "cohesin/base/error.h"
#include "cohesin/stats/eigen_view.h"

namespace cohesin {
namespace {

void fix_sign(Eigen::Ref<RowMajor> component) {
  Eigen::Index row = 0, column = 0;
  component.cwiseAbs().maxCoeff(&row, &column);
  if (component(row, column) < 0) component *= -1;
}

}  // namespace

Pca fit_pca(const Matrix& rows, size_t num_components) {
  const auto x_NP = view(rows);
  if (rows.num_rows < 2)
    throw Error("principal components need at least 2 samples, got {}", rows.num_rows);
  if (x_NP.hasNaN()) throw Error("principal components need values without NaN; fill them before");
  const Eigen::RowVectorXd mean_P = x_NP.colwise().mean();
  const RowMajor centred_NP = x_NP.rowwise() - mean_P;
  const bool by_columns = rows.num_columns <= rows.num_rows;
  const Eigen::MatrixXd products = by_columns
                                       ? Eigen::MatrixXd(centred_NP.transpose() * centred_NP)
                                       : Eigen::MatrixXd(centred_NP * centred_NP.transpose());
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(products);
  const Eigen::VectorXd& values = solver.eigenvalues();  // ascending
  const double noise = values.cwiseAbs().maxCoeff() * std::numeric_limits<double>::epsilon() *
                       static_cast<double>(std::max(rows.num_rows, rows.num_columns));
  const auto rank = static_cast<size_t>((values.array() > noise).count());
  const size_t kept = num_components == 0 ? rank : std::min(num_components, rank);

  Pca pca{to_vector(mean_P), Matrix(kept, rows.num_columns), {}};
  auto components_KP = view(pca.components);
  for (size_t k = 0; k < kept; ++k) {
    const auto row = static_cast<Eigen::Index>(k);
    const Eigen::Index from_end = values.size() - 1 - row;
    pca.explained_variance.push_back(values(from_end) / static_cast<double>(rows.num_rows - 1));
    if (by_columns) components_KP.row(row) = solver.eigenvectors().col(from_end).transpose();
  }
  if (!by_columns && kept > 0) {
    components_KP.noalias() = solver.eigenvectors()
                                  .rightCols(static_cast<Eigen::Index>(kept))
                                  .rowwise()
                                  .reverse()
                                  .transpose() *
                              centred_NP;
    components_KP.rowwise().normalize();
  }
  for (Eigen::Index k = 0; k < components_KP.rows(); ++k) fix_sign(components_KP.middleRows(k, 1));
  return pca;
}

Matrix project(const Pca& pca, const Matrix& rows) {
  if (rows.num_columns != pca.mean.size())
    throw Error("the components were fitted on {} features, got {}", pca.mean.size(),
                rows.num_columns);
  return to_matrix((view(rows).rowwise() - view(pca.mean)) * view(pca.components).transpose());
}

}  // namespace cohesin
