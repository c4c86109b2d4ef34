#include "cohesin/stats/ridge_sums.h"

#include <Eigen/Cholesky>

#include "cohesin/base/error.h"
#include "cohesin/stats/eigen_view.h"

namespace cohesin {

struct RidgeSums::Sums {
  double count = 0;
  Eigen::RowVectorXd inputs_P, outputs_Q;
  Eigen::MatrixXd squares_PP, products_PQ;
};

RidgeSums::RidgeSums(size_t num_inputs, size_t num_outputs) : sums_(std::make_unique<Sums>()) {
  const auto p = static_cast<Eigen::Index>(num_inputs), q = static_cast<Eigen::Index>(num_outputs);
  sums_->inputs_P = Eigen::RowVectorXd::Zero(p);
  sums_->outputs_Q = Eigen::RowVectorXd::Zero(q);
  sums_->squares_PP = Eigen::MatrixXd::Zero(p, p);
  sums_->products_PQ = Eigen::MatrixXd::Zero(p, q);
}

RidgeSums::~RidgeSums() = default;

void RidgeSums::add(const Matrix& inputs, const Matrix& outputs) {
  const auto x = view(inputs);
  const auto y = view(outputs);
  if (x.rows() != y.rows() || x.cols() != sums_->inputs_P.cols() ||
      y.cols() != sums_->outputs_Q.cols())
    throw Error("ridge regression on {} inputs and {} outputs: got [{}, {}] and [{}, {}]",
                sums_->inputs_P.cols(), sums_->outputs_Q.cols(), x.rows(), x.cols(), y.rows(),
                y.cols());
  if (x.hasNaN() || y.hasNaN()) throw Error("ridge regression needs values without NaN");
  sums_->count += static_cast<double>(x.rows());
  sums_->inputs_P += x.colwise().sum();
  sums_->outputs_Q += y.colwise().sum();
  sums_->squares_PP.noalias() += x.transpose() * x;
  sums_->products_PQ.noalias() += x.transpose() * y;
}

RidgeSums::Fit RidgeSums::fit(double penalty) const {
  const Sums& s = *sums_;
  if (s.count < 2) throw Error("ridge regression needs 2 rows or more, got {}", s.count);
  const Eigen::RowVectorXd mean_P = s.inputs_P / s.count, mean_Q = s.outputs_Q / s.count;
  const Eigen::MatrixXd covariance_PP = s.squares_PP / s.count - mean_P.transpose() * mean_P;
  const Eigen::MatrixXd covariance_PQ = s.products_PQ / s.count - mean_P.transpose() * mean_Q;
  // An input that never changes has nothing to say: it counts with the weight 0.
  constexpr double kNoise = 1e-12;
  const Eigen::ArrayXd variance_P = covariance_PP.diagonal().array();
  const Eigen::ArrayXd noise_P = kNoise * (s.squares_PP.diagonal().array() / s.count);
  const Eigen::ArrayXd scale_P = (variance_P > noise_P).select(variance_P.sqrt().inverse(), 0.0);
  Eigen::MatrixXd correlation_PP =
      scale_P.matrix().asDiagonal() * covariance_PP * scale_P.matrix().asDiagonal();
  correlation_PP.diagonal().array() += penalty;
  correlation_PP.diagonal() = (scale_P > 0).select(correlation_PP.diagonal().array(), 1.0);
  const Eigen::MatrixXd weights_PQ =
      scale_P.matrix().asDiagonal() *
      correlation_PP.ldlt().solve(scale_P.matrix().asDiagonal() * covariance_PQ);
  return {to_matrix(weights_PQ), to_vector(mean_Q - mean_P * weights_PQ)};
}

Matrix RidgeSums::Fit::predict(const Matrix& inputs) const {
  return to_matrix((view(inputs) * view(coefficients)).rowwise() + view(intercepts));
}

}  // namespace cohesin
