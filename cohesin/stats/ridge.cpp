#include "cohesin/stats/ridge.h"

#include <limits>

#include "cohesin/base/error.h"
#include "cohesin/stats/eigen_view.h"
#include "cohesin/stats/pca.h"

namespace cohesin {

RidgeModel fit_ridge(const Matrix& inputs, const Matrix& outputs,
                     const std::vector<double>& penalties) {
  if (inputs.num_rows != outputs.num_rows)
    throw Error("ridge regression needs one output row a sample: got {} inputs and {} outputs",
                inputs.num_rows, outputs.num_rows);
  if (penalties.empty()) throw Error("ridge regression needs at least one penalty, got none");
  if (view(outputs).hasNaN()) throw Error("ridge regression needs outputs without NaN");
  const Pca pca = fit_pca(inputs);
  const auto num_rows = static_cast<double>(inputs.num_rows);
  const RowMajor scores_NK = view(project(pca, inputs));
  const Eigen::RowVectorXd squares_K = view(pca.explained_variance) * (num_rows - 1);
  const Eigen::RowVectorXd mean_Q = view(outputs).colwise().mean();
  const RowMajor centred_NQ = view(outputs).rowwise() - mean_Q;
  const RowMajor products_KQ = scores_NK.transpose() * centred_NQ;

  RidgeModel model{pca.mean, pca.components, {}, to_vector(mean_Q), 0.0};
  double least = std::numeric_limits<double>::infinity();
  for (const double penalty : penalties) {
    const Eigen::VectorXd shrink_K = (squares_K.array() + penalty).inverse().transpose();
    const RowMajor coefficients_KQ = shrink_K.asDiagonal() * products_KQ;
    // The residual of a sample left out is its residual over 1 - leverage.
    const Eigen::ArrayXd leverage_N =
        (scores_NK.array().square().matrix() * shrink_K).array() + 1 / num_rows;
    const RowMajor residual_NQ = centred_NQ - scores_NK * coefficients_KQ;
    const double error =
        (residual_NQ.rowwise().squaredNorm().array() / (1 - leverage_N).square()).sum();
    if (error < least) {
      least = error;
      model.penalty = penalty;
      model.coefficients = to_matrix(coefficients_KQ);
    }
  }
  if (model.coefficients.num_rows != pca.components.num_rows)
    throw Error("ridge regression has no finite leave-one-out error for any of its penalties");
  return model;
}

Matrix predict(const RidgeModel& model, const Matrix& inputs) {
  if (inputs.num_columns != model.input_mean.size())
    throw Error("the regression was fitted on {} features, got {}", model.input_mean.size(),
                inputs.num_columns);
  const RowMajor scores_NK =
      (view(inputs).rowwise() - view(model.input_mean)) * view(model.directions).transpose();
  return to_matrix((scores_NK * view(model.coefficients)).rowwise() + view(model.output_mean));
}

}  // namespace cohesin
