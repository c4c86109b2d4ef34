#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cohesin/stats/lbfgs.h"
#include "cohesin/stats/logistic.h"
#include "cohesin/stats/pca.h"
#include "cohesin/stats/ridge.h"
#include "cohesin/stats/standard_scaler.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using Json = nlohmann::json;

Json golden_cases(const std::string& name) {
  std::ifstream stream(testing::golden("stats/linear_models.json"));
  return Json::parse(stream).at(name);
}

double number(const Json& value) { return value.is_string() ? std::nan("") : value.get<double>(); }

Matrix matrix(const Json& rows) {
  Matrix result(rows.size(), rows.at(0).size());
  for (size_t i = 0; i < result.num_rows; ++i)
    for (size_t j = 0; j < result.num_columns; ++j) result.row(i)[j] = number(rows[i][j]);
  return result;
}

void expect_near(const std::vector<double>& ours, const std::vector<double>& theirs,
                 double tolerance) {
  ASSERT_EQ(ours.size(), theirs.size());
  double largest = 0;
  for (const double value : theirs)
    if (!std::isnan(value)) largest = std::max(largest, std::abs(value));
  for (size_t i = 0; i < ours.size(); ++i) {
    if (std::isnan(theirs[i])) {
      EXPECT_TRUE(std::isnan(ours[i]));
    } else {
      EXPECT_NEAR(ours[i], theirs[i], tolerance * largest) << i;
    }
  }
}

TEST(StandardScaler, EqualsScikitLearnWithNaNAndConstantColumns) {
  for (const Json& entry : golden_cases("scaler")) {
    const Matrix x = matrix(entry.at("x"));
    const StandardScaler scaler = fit_standard_scaler(x);
    expect_near(scaler.mean, entry.at("mean").get<std::vector<double>>(), 1e-12);
    expect_near(scaler.scale, entry.at("scale").get<std::vector<double>>(), 1e-12);
    expect_near(standardize(scaler, x).values, matrix(entry.at("scaled")).values, 1e-9);
  }
}

TEST(StandardScaler, AColumnNeverMeasuredIsLeftAsItIs) {
  const StandardScaler scaler = fit_standard_scaler(Matrix(3, 1, std::nan("")));
  EXPECT_EQ(scaler.mean[0], 0.0);
  EXPECT_EQ(scaler.scale[0], 1.0);
}

TEST(Pca, EqualsScikitLearnWithFewAndWithManyFeatures) {
  for (const Json& entry : golden_cases("pca")) {
    const Matrix x = matrix(entry.at("x"));
    const Pca pca = fit_pca(x, 3);
    expect_near(pca.mean, entry.at("mean").get<std::vector<double>>(), 1e-12);
    expect_near(pca.components.values, matrix(entry.at("components")).values, 1e-9);
    expect_near(pca.explained_variance, entry.at("explained_variance").get<std::vector<double>>(),
                1e-9);
    expect_near(project(pca, x).values, matrix(entry.at("scores")).values, 1e-9);
  }
}

TEST(Pca, KeepsNoMoreComponentsThanTheRowsSpan) {
  EXPECT_EQ(fit_pca(Matrix(3, 4, {1, 2, 3, 4, 2, 4, 6, 8, 3, 6, 9, 12})).components.num_rows, 1);
  EXPECT_EQ(fit_pca(Matrix(3, 2, 5.0)).components.num_rows, 0);
  EXPECT_ERROR(fit_pca(Matrix(1, 2)), "at least 2 samples");
  EXPECT_ERROR(fit_pca(Matrix(2, 2, std::nan(""))), "without NaN");
}

TEST(Ridge, EqualsScikitLearnAndChoosesItsPenalty) {
  for (const Json& entry : golden_cases("ridge")) {
    const Matrix x = matrix(entry.at("x")), y = matrix(entry.at("y")), at = matrix(entry.at("new"));
    expect_near(predict(fit_ridge(x, y, {1.0}), at).values,
                matrix(entry.at("prediction_alpha_1")).values, 1e-9);
    const RidgeModel chosen = fit_ridge(x, y, entry.at("alphas").get<std::vector<double>>());
    EXPECT_EQ(chosen.penalty, entry.at("chosen").get<double>());
    expect_near(predict(chosen, at).values, matrix(entry.at("chosen_prediction")).values, 1e-9);
  }
}

// scikit-learn keeps one row of coefficients for two classes: ours, the second less the first.
std::vector<double> in_their_form(const LogisticModel& model) {
  const Matrix& w = model.coefficients;
  if (w.num_rows > 2) return w.values;
  std::vector<double> difference(w.num_columns);
  for (size_t j = 0; j < w.num_columns; ++j) difference[j] = w.row(1)[j] - w.row(0)[j];
  return difference;
}

TEST(Logistic, EqualsScikitLearn) {
  for (const Json& entry : golden_cases("logistic")) {
    LogisticOptions options;
    options.balanced_class_weights = entry.at("balanced");
    options.tolerance = 1e-10;
    const LogisticModel model =
        fit_logistic(matrix(entry.at("x")), entry.at("y").get<std::vector<int64_t>>(),
                     entry.at("classes"), entry.at("C"), options);
    expect_near(in_their_form(model), matrix(entry.at("coefficients")).values, 1e-6);
    expect_near(predict_probabilities(model, matrix(entry.at("new"))).values,
                matrix(entry.at("probabilities")).values, 1e-6);
  }
}

TEST(Logistic, TheDefaultToleranceIsCloseEnoughForProbabilities) {
  for (const Json& entry : golden_cases("logistic")) {
    LogisticOptions options;
    options.balanced_class_weights = entry.at("balanced");
    const LogisticModel model =
        fit_logistic(matrix(entry.at("x")), entry.at("y").get<std::vector<int64_t>>(),
                     entry.at("classes"), entry.at("C"), options);
    expect_near(predict_probabilities(model, matrix(entry.at("new"))).values,
                matrix(entry.at("probabilities")).values, 1e-4);
  }
}

TEST(Logistic, AClassWithoutTrainingSamplesIsNeverPredicted) {
  const Matrix x(4, 1, {-2, -1, 1, 2});
  const Matrix p = predict_probabilities(fit_logistic(x, {0, 0, 2, 2}, 3, 1.0), x);
  EXPECT_EQ(p.row(0)[1], 0.0);
  EXPECT_GT(p.row(0)[0], 0.5);
  EXPECT_NEAR(p.row(3)[0] + p.row(3)[2], 1.0, 1e-12);
  const Matrix one = predict_probabilities(fit_logistic(x, {1, 1, 1, 1}, 3, 1.0), x);
  EXPECT_EQ(one.row(0)[1], 1.0);
}

TEST(Logistic, RefusesLabelsAndPenaltiesThatMakeNoSense) {
  const Matrix x(2, 1, {0, 1});
  EXPECT_ERROR(fit_logistic(x, {0}, 2, 1.0), "one label a sample");
  EXPECT_ERROR(fit_logistic(x, {0, 2}, 2, 1.0), "label 2 is outside");
  EXPECT_ERROR(fit_logistic(x, {0, 1}, 2, 0.0), "must be above 0");
}

TEST(MinimizeLbfgs, FindsTheMinimumOfABadlyScaledBowl) {
  const Objective bowl = [](const std::vector<double>& x, std::vector<double>& gradient) {
    double value = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double bend = std::pow(10.0, static_cast<double>(i));
      gradient[i] = bend * (x[i] - 1);
      value += 0.5 * bend * (x[i] - 1) * (x[i] - 1);
    }
    return value;
  };
  const std::vector<double> found = minimize_lbfgs(bowl, std::vector<double>(5, 0.0), 1e-8);
  for (const double value : found) EXPECT_NEAR(value, 1.0, 1e-7);
  EXPECT_ERROR(minimize_lbfgs(bowl, std::vector<double>(5, 0.0), 1e-8, 2), "did not settle");
}

}  // namespace
}  // namespace cohesin
