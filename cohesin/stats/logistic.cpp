#include "cohesin/stats/logistic.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cohesin/base/error.h"
#include "cohesin/stats/eigen_view.h"
#include "cohesin/stats/lbfgs.h"
#include "cohesin/stats/pca.h"

namespace cohesin {
namespace {

// The training set, told in the classes that occur (0..K-1 without gaps) and the directions that
// the rows span.
struct Problem {
  RowMajor scores_ND;   // centred
  RowMajor one_hot_NK;  // already times the sample weight
  Eigen::VectorXd weight_N;
  Eigen::RowVectorXd square_D;  // weighted sum of squares of each direction
};

// Where the labels of a problem stand among the declared classes.
std::vector<int64_t> present_classes(const std::vector<int64_t>& labels, int64_t num_classes) {
  std::vector<int64_t> counts(num_classes, 0), present;
  for (const int64_t label : labels) {
    if (label < 0 || label >= num_classes)
      throw Error("label {} is outside the {} declared classes", label, num_classes);
    ++counts[label];
  }
  for (int64_t k = 0; k < num_classes; ++k)
    if (counts[k] > 0) present.push_back(k);
  return present;
}

Problem make_problem(RowMajor scores_ND, const std::vector<int64_t>& labels,
                     const std::vector<int64_t>& classes, bool balanced) {
  const auto rows = static_cast<Eigen::Index>(labels.size());
  const auto num_classes = static_cast<Eigen::Index>(classes.size());
  Problem problem{
      std::move(scores_ND), RowMajor::Zero(rows, num_classes), Eigen::VectorXd::Ones(rows), {}};
  for (Eigen::Index i = 0; i < rows; ++i) {
    const auto found = std::lower_bound(classes.begin(), classes.end(), labels[i]);
    problem.one_hot_NK(i, found - classes.begin()) = 1;
  }
  if (balanced) {
    const Eigen::RowVectorXd share_K =
        problem.one_hot_NK.colwise().mean() * static_cast<double>(num_classes);
    problem.weight_N = problem.one_hot_NK * share_K.cwiseInverse().transpose();
    problem.one_hot_NK = problem.weight_N.asDiagonal() * problem.one_hot_NK;
  }
  problem.square_D =
      (problem.weight_N.asDiagonal() * problem.scores_ND.array().square().matrix()).colwise().sum();
  return problem;
}

// The summed loss and the penalty at `x` = [K, D + 1] coefficients, the intercept last. Directions
// are divided by `scale` so that the loss bends about alike along each of them.
double evaluate(const Problem& problem, const RowMajor& scaled_ND,
                const Eigen::RowVectorXd& penalty_D, const std::vector<double>& x,
                std::vector<double>& gradient) {
  const Eigen::Index classes = problem.one_hot_NK.cols(), directions = scaled_ND.cols();
  const Eigen::Map<const RowMajor> w(x.data(), classes, directions + 1);
  Eigen::Map<RowMajor> g(gradient.data(), classes, directions + 1);
  RowMajor logits_NK = scaled_ND * w.leftCols(directions).transpose();
  logits_NK.rowwise() += w.col(directions).transpose();
  double loss = -(problem.one_hot_NK.array() * logits_NK.array()).sum();
  const Eigen::VectorXd top_N = logits_NK.rowwise().maxCoeff();
  RowMajor residual_NK = (logits_NK.colwise() - top_N).array().exp();
  const Eigen::VectorXd sum_N = residual_NK.rowwise().sum();
  loss += (problem.weight_N.array() * (top_N.array() + sum_N.array().log())).sum();
  residual_NK = problem.weight_N.cwiseQuotient(sum_N).asDiagonal() * residual_NK;
  residual_NK -= problem.one_hot_NK;
  const RowMajor penalised_KD = w.leftCols(directions) * penalty_D.asDiagonal();
  g.leftCols(directions).noalias() = residual_NK.transpose() * scaled_ND;
  g.leftCols(directions) += penalised_KD;
  g.col(directions) = residual_NK.colwise().sum().transpose();
  return loss + 0.5 * penalised_KD.cwiseProduct(w.leftCols(directions)).sum();
}

// Coefficients [K, D + 1] of one C in the problem's own directions, started from `start`.
RowMajor solve(const Problem& problem, double inverse_penalty, double tolerance,
               const RowMajor& start) {
  const Eigen::Index classes = problem.one_hot_NK.cols(), directions = problem.scores_ND.cols();
  // Two classes: their vectors are opposite, so that twice the penalty on both is the penalty on
  // their difference.
  const double penalty = (classes == 2 ? 2.0 : 1.0) / inverse_penalty;
  const double mean_curvature =
      (1.0 - 1.0 / static_cast<double>(classes)) / static_cast<double>(classes);
  const Eigen::RowVectorXd scale_D = (problem.square_D.array() * mean_curvature + penalty).sqrt();
  const RowMajor scaled_ND = problem.scores_ND * scale_D.cwiseInverse().asDiagonal();
  const Eigen::RowVectorXd penalty_D = penalty * scale_D.array().square().inverse();

  RowMajor scaled_start = start;
  scaled_start.leftCols(directions) *= scale_D.asDiagonal();
  const std::vector<double> x = minimize_lbfgs(
      [&](const std::vector<double>& at, std::vector<double>& gradient) {
        return evaluate(problem, scaled_ND, penalty_D, at, gradient);
      },
      std::vector<double>(scaled_start.data(), scaled_start.data() + scaled_start.size()),
      tolerance);
  RowMajor solution = Eigen::Map<const RowMajor>(x.data(), classes, directions + 1);
  solution.leftCols(directions) *= scale_D.cwiseInverse().asDiagonal();
  return solution;
}

// From the problem's directions and present classes back to features and declared classes.
LogisticModel to_features(const RowMajor& solution, const Pca& pca,
                          const std::vector<int64_t>& classes, int64_t num_classes) {
  const RowMajor coefficients_KP = solution.leftCols(solution.cols() - 1) * view(pca.components);
  Eigen::VectorXd intercept_K = solution.col(solution.cols() - 1);
  intercept_K -= coefficients_KP * view(pca.mean).transpose();
  intercept_K.array() -= intercept_K.mean();
  LogisticModel model{Matrix(static_cast<size_t>(num_classes), pca.mean.size()),
                      std::vector<double>(num_classes, -std::numeric_limits<double>::infinity())};
  for (size_t k = 0; k < classes.size(); ++k) {
    const auto row = static_cast<Eigen::Index>(k);
    view(model.coefficients).row(classes[k]) = coefficients_KP.row(row);
    model.intercept[classes[k]] = intercept_K(row);
  }
  return model;
}

}  // namespace

std::vector<LogisticModel> fit_logistic_path(const Matrix& rows, const std::vector<int64_t>& labels,
                                             int64_t num_classes,
                                             const std::vector<double>& inverse_penalties,
                                             const LogisticOptions& options) {
  if (rows.num_rows != labels.size())
    throw Error("a regression needs one label a sample: got {} samples and {} labels",
                rows.num_rows, labels.size());
  const std::vector<int64_t> classes = present_classes(labels, num_classes);
  const Pca pca = fit_pca(rows, options.num_components);
  const Problem problem =
      make_problem(view(project(pca, rows)), labels, classes, options.balanced_class_weights);
  RowMajor solution = RowMajor::Zero(problem.one_hot_NK.cols(), problem.scores_ND.cols() + 1);
  std::vector<LogisticModel> path;
  for (const double inverse_penalty : inverse_penalties) {
    if (!(inverse_penalty > 0))
      throw Error("the inverse penalty C of a regression is {}; it must be above 0",
                  inverse_penalty);
    if (classes.size() > 1) solution = solve(problem, inverse_penalty, options.tolerance, solution);
    path.push_back(to_features(solution, pca, classes, num_classes));
  }
  return path;
}

LogisticModel fit_logistic(const Matrix& rows, const std::vector<int64_t>& labels,
                           int64_t num_classes, double inverse_penalty,
                           const LogisticOptions& options) {
  return fit_logistic_path(rows, labels, num_classes, {inverse_penalty}, options).front();
}

Matrix predict_probabilities(const LogisticModel& model, const Matrix& rows) {
  if (rows.num_columns != model.coefficients.num_columns)
    throw Error("the regression was fitted on {} features, got {}", model.coefficients.num_columns,
                rows.num_columns);
  RowMajor logits_NK = view(rows) * view(model.coefficients).transpose();
  logits_NK.rowwise() += view(model.intercept);
  Matrix probabilities(rows.num_rows, model.intercept.size());
  for (size_t i = 0; i < rows.num_rows; ++i) {
    const auto row = logits_NK.row(static_cast<Eigen::Index>(i));
    double sum = 0;
    for (size_t k = 0; k < model.intercept.size(); ++k) {
      // std::exp, for Eigen's makes of minus infinity a number above 0
      probabilities.row(i)[k] = std::exp(row(static_cast<Eigen::Index>(k)) - row.maxCoeff());
      sum += probabilities.row(i)[k];
    }
    for (size_t k = 0; k < model.intercept.size(); ++k) probabilities.row(i)[k] /= sum;
  }
  return probabilities;
}

}  // namespace cohesin
