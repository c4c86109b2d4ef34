#include "cohesin/stats/ridge_sums.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "cohesin/base/philox.h"
#include "cohesin/stats/ridge.h"
#include "cohesin/stats/standard_scaler.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

Matrix random_matrix(size_t rows, size_t columns, const char* purpose) {
  Matrix matrix(rows, columns);
  RandomStream random(3, purpose);
  for (double& value : matrix.values) value = random.normal();
  return matrix;
}

TEST(RidgeSums, IsRidgeRegressionOnStandardisedInputs) {
  Matrix inputs = random_matrix(50, 4, "inputs");
  for (size_t i = 0; i < 50; ++i) inputs.row(i)[1] = 100 + 10 * inputs.row(i)[1];
  const Matrix outputs = random_matrix(50, 3, "outputs");
  RidgeSums sums(4, 3);
  std::vector<size_t> first, second;
  for (size_t i = 0; i < 50; ++i) (i < 20 ? first : second).push_back(i);
  sums.add(pick_rows(inputs, first), pick_rows(outputs, first));
  sums.add(pick_rows(inputs, second), pick_rows(outputs, second));
  const Matrix found = sums.fit(0.2).predict(inputs);
  const Matrix scaled = standardize(fit_standard_scaler(inputs), inputs);
  const Matrix expected = predict(fit_ridge(scaled, outputs, {0.2 * 50}), scaled);
  for (size_t i = 0; i < found.values.size(); ++i)
    EXPECT_NEAR(found.values[i], expected.values[i], 1e-9);
}

TEST(RidgeSums, AConstantInputHasNothingToSay) {
  Matrix inputs = random_matrix(30, 2, "inputs");
  for (size_t i = 0; i < 30; ++i) inputs.row(i)[0] = 7;
  RidgeSums sums(2, 1);
  sums.add(inputs, random_matrix(30, 1, "outputs"));
  const auto fit = sums.fit(0.01);
  EXPECT_EQ(fit.coefficients.row(0)[0], 0.0);
  EXPECT_TRUE(std::isfinite(fit.coefficients.row(1)[0]));
}

TEST(RidgeSums, RefusesWhatDoesNotFit) {
  RidgeSums sums(2, 1);
  EXPECT_ERROR(sums.fit(1), "needs 2 rows");
  EXPECT_ERROR(sums.add(Matrix(3, 3), Matrix(3, 1)), "2 inputs and 1 outputs");
  EXPECT_ERROR(sums.add(Matrix(3, 2, std::numeric_limits<double>::quiet_NaN()), Matrix(3, 1)),
               "without NaN");
}

}  // namespace
}  // namespace cohesin
