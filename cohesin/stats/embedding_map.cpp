#include "cohesin/stats/embedding_map.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"

namespace cohesin {
namespace {

using Matrix = Eigen::MatrixXd;

Matrix centred_matrix(const EmbeddingRows& rows) {
  const auto n = static_cast<Eigen::Index>(rows.size());
  const auto d = static_cast<Eigen::Index>(rows.empty() ? 0 : rows[0].size());
  Matrix x(n, d);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& row = rows[static_cast<size_t>(i)];
    if (static_cast<Eigen::Index>(row.size()) != d)
      throw Error("embedding {} has {} dimensions, the first has {}", i + 1, row.size(), d);
    for (Eigen::Index j = 0; j < d; ++j) {
      x(i, j) = row[static_cast<size_t>(j)];
      if (!std::isfinite(x(i, j)))
        throw Error("embedding {} is not finite in dimension {}", i + 1, j);
    }
  }
  if (n > 0) x.rowwise() -= x.colwise().mean().eval();
  return x;
}

// Scores on the leading principal components, by decreasing variance. The sign of a component is
// fixed by its largest entry, so that the map does not flip.
Matrix principal_scores(const Matrix& x, Eigen::Index wanted) {
  const bool wide = x.cols() > x.rows();
  const Matrix gram = wide ? Matrix(x * x.transpose()) : Matrix(x.transpose() * x);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(gram);
  const Eigen::Index count = std::min(wanted, gram.cols());
  Matrix scores(x.rows(), count);
  for (Eigen::Index k = 0; k < count; ++k) {
    const Eigen::Index from_end = gram.cols() - 1 - k;
    const Eigen::VectorXd vector = solver.eigenvectors().col(from_end);
    const double variance = std::max(0.0, solver.eigenvalues()(from_end));
    Eigen::VectorXd score =
        wide ? Eigen::VectorXd(vector * std::sqrt(variance)) : Eigen::VectorXd(x * vector);
    Eigen::Index largest = 0;
    score.cwiseAbs().maxCoeff(&largest);
    scores.col(k) = score(largest) < 0 ? Eigen::VectorXd(-score) : score;
  }
  return scores;
}

Matrix squared_distances(const Matrix& x) {
  const Eigen::VectorXd norms = x.rowwise().squaredNorm();
  Matrix d = -2 * x * x.transpose();
  d.colwise() += norms;
  d.rowwise() += norms.transpose();
  return d.cwiseMax(0);
}

// Row i of the conditional probabilities: a Gaussian whose width gives the wanted entropy.
Eigen::RowVectorXd conditional_row(const Eigen::RowVectorXd& distances, Eigen::Index i,
                                   double wanted_entropy) {
  double beta = 1, low = 0, high = std::numeric_limits<double>::infinity();
  double nearest = std::numeric_limits<double>::infinity();
  for (Eigen::Index j = 0; j < distances.size(); ++j)
    if (j != i) nearest = std::min(nearest, distances(j));
  const double mean = distances.sum() / static_cast<double>(distances.size() - 1);
  if (mean > 0) beta = 1 / mean;
  Eigen::RowVectorXd p(distances.size());
  for (int step = 0; step < 64; ++step) {
    p = (-(distances.array() - nearest) * beta).exp();
    p(i) = 0;
    const double sum = p.sum();
    const double entropy =
        std::log(sum) + beta * ((distances.array() - nearest) * p.array()).sum() / sum;
    p /= sum;
    if (std::abs(entropy - wanted_entropy) < 1e-5) break;
    (entropy > wanted_entropy ? low : high) = beta;
    beta = std::isinf(high) ? beta * 2 : (low + high) / 2;
  }
  return p;
}

Matrix joint_probabilities(const Matrix& x, double perplexity) {
  const Matrix distances = squared_distances(x);
  const Eigen::Index n = x.rows();
  Matrix p(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    p.row(i) = conditional_row(distances.row(i), i, std::log(perplexity));
  const Matrix symmetric = p + p.transpose();
  return (symmetric / (2 * static_cast<double>(n))).cwiseMax(1e-12);
}

// Gradient descent with momentum and per-coordinate gains; early exaggeration 12 for the first
// quarter, learning rate n / 12 (Belkina et al. 2019, doi:10.1038/s41467-019-13055-y).
Matrix descend(const Matrix& p, Matrix y, int iterations) {
  const Eigen::Index n = y.rows();
  const int exaggerated = iterations / 4;
  const double rate = std::max(50.0, static_cast<double>(n) / 12);
  Matrix velocity = Matrix::Zero(n, 2), gains = Matrix::Ones(n, 2);
  for (int step = 0; step < iterations; ++step) {
    Matrix kernel = (1 + squared_distances(y).array()).inverse();
    kernel.diagonal().setZero();
    const double exaggeration = step < exaggerated ? 12 : 1;
    const Matrix force =
        ((exaggeration * p - kernel / kernel.sum()).array() * kernel.array()).matrix();
    const Eigen::VectorXd total = force.rowwise().sum();
    const Matrix gradient = 4 * (total.asDiagonal() * y - force * y);
    for (Eigen::Index i = 0; i < gradient.size(); ++i) {
      const bool same_sign = (gradient(i) > 0) == (velocity(i) > 0);
      gains(i) = std::max(0.01, same_sign ? gains(i) * 0.8 : gains(i) + 0.2);
    }
    const double momentum = step < exaggerated ? 0.5 : 0.8;
    velocity = momentum * velocity - (rate * gains.array() * gradient.array()).matrix();
    y += velocity;
    y.rowwise() -= y.colwise().mean().eval();
  }
  return y;
}

}  // namespace

std::vector<std::array<double, 2>> map_embeddings(const EmbeddingRows& rows,
                                                  const EmbeddingMapOptions& options) {
  const Matrix x = centred_matrix(rows);
  std::vector<std::array<double, 2>> coordinates(rows.size(), {0, 0});
  if (rows.empty() || x.cols() == 0) return coordinates;
  const Matrix scores = principal_scores(x, std::max<Eigen::Index>(2, options.leading_components));
  Matrix y = Matrix::Zero(x.rows(), 2);
  y.leftCols(std::min<Eigen::Index>(2, scores.cols())) =
      scores.leftCols(std::min<Eigen::Index>(2, scores.cols()));
  const double spread =
      std::sqrt(y.col(0).squaredNorm() / static_cast<double>(std::max<Eigen::Index>(1, x.rows())));
  if (x.rows() >= 4 && spread > 0) {
    const double perplexity =
        std::max(1.0, std::min(options.perplexity, static_cast<double>(x.rows() - 1) / 3));
    y = descend(joint_probabilities(scores / spread, perplexity), y * (1e-4 / spread),
                options.iterations);
  }
  for (size_t i = 0; i < rows.size(); ++i)
    coordinates[i] = {y(static_cast<Eigen::Index>(i), 0), y(static_cast<Eigen::Index>(i), 1)};
  return coordinates;
}

std::vector<size_t> choose_subset(const std::vector<std::string>& samples, size_t limit) {
  std::vector<size_t> chosen(samples.size());
  std::iota(chosen.begin(), chosen.end(), size_t{0});
  if (samples.size() <= limit) return chosen;
  std::vector<uint64_t> hashes;
  for (const auto& sample : samples) hashes.push_back(stable_hash(sample));
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&hashes](size_t a, size_t b) { return hashes[a] < hashes[b]; });
  chosen.resize(limit);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

double nearest_neighbour_agreement(const EmbeddingRows& rows, const std::vector<int>& labels) {
  const Matrix distances = squared_distances(centred_matrix(rows));
  int64_t labelled = 0, agreeing = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (labels[i] < 0) continue;
    int neighbour = -1;
    double nearest = std::numeric_limits<double>::infinity();
    for (size_t j = 0; j < rows.size(); ++j) {
      const double d = distances(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
      if (j == i || labels[j] < 0 || d >= nearest) continue;
      nearest = d;
      neighbour = labels[j];
    }
    if (neighbour < 0) continue;
    ++labelled;
    agreeing += neighbour == labels[i] ? 1 : 0;
  }
  if (labelled == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(agreeing) / static_cast<double>(labelled);
}

}  // namespace cohesin
