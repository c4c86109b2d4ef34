#include "cohesin/stats/feature_preparation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cohesin/base/error.h"
#include "cohesin/stats/baseline_state.h"

namespace cohesin {
namespace {

struct ScaledModalities {
  std::vector<Matrix> values;  // 0 where nothing was measured
  std::vector<std::vector<bool>> present;
};

ScaledModalities scale(const std::vector<StandardScaler>& scalers,
                       const std::vector<Matrix>& modalities) {
  ScaledModalities scaled;
  for (size_t m = 0; m < modalities.size(); ++m) {
    scaled.present.push_back(present_rows(modalities[m]));
    scaled.values.push_back(standardize(scalers[m], modalities[m]));
    for (double& value : scaled.values.back().values)
      if (std::isnan(value)) value = 0;
  }
  return scaled;
}

std::string key_of(const char* kind, size_t index, const char* field) {
  return fmt::format("{}.{}.{}", kind, index, field);
}

size_t stored_index(const BaselineState& state, const std::string& key, size_t bound) {
  const std::vector<double> values = stored_vector(state, key);
  if (values.size() != 1 || !(values[0] >= 0 && values[0] < static_cast<double>(bound)))
    throw Error("the stored baseline '{}': '{}' is no modality's number", state.name, key);
  return static_cast<size_t>(values[0]);
}

// One regression of the filling, checked against the scalers' sizes.
MissingFill::Regression stored_regression(const BaselineState& state, size_t index,
                                          const std::vector<StandardScaler>& scalers) {
  const auto key = [&](const char* field) { return key_of("fill", index, field); };
  MissingFill::Regression regression;
  regression.target = stored_index(state, key("target"), scalers.size());
  size_t num_inputs = 0;
  for (const double source : stored_vector(state, key("sources"))) {
    if (!(source >= 0 && source < static_cast<double>(scalers.size())))
      throw Error("the stored baseline '{}': '{}' holds no modality's number", state.name,
                  key("sources"));
    regression.sources.push_back(static_cast<size_t>(source));
    num_inputs += scalers[regression.sources.back()].mean.size();
  }
  const size_t num_outputs = scalers[regression.target].mean.size();
  RidgeModel& model = regression.model;
  model.input_mean = stored_vector(state, key("input_mean"), num_inputs);
  model.output_mean = stored_vector(state, key("output_mean"), num_outputs);
  model.directions = stored_matrix(state, key("directions"), num_inputs);
  model.coefficients = stored_matrix(state, key("coefficients"), num_outputs);
  model.penalty = stored_vector(state, key("penalty"), 1)[0];
  if (model.directions.num_rows != model.coefficients.num_rows)
    throw Error("the stored baseline '{}': '{}' has {} rows, '{}' {}", state.name,
                key("directions"), model.directions.num_rows, key("coefficients"),
                model.coefficients.num_rows);
  return regression;
}

}  // namespace

std::vector<bool> present_rows(const Matrix& modality) {
  std::vector<bool> present(modality.num_rows);
  for (size_t i = 0; i < modality.num_rows; ++i)
    present[i] = std::any_of(modality.row(i), modality.row(i) + modality.num_columns,
                             [](double value) { return !std::isnan(value); });
  return present;
}

std::vector<bool> rows_with_any(const std::vector<Matrix>& modalities) {
  std::vector<bool> any(modalities.front().num_rows, false);
  for (const Matrix& modality : modalities) {
    const std::vector<bool> present = present_rows(modality);
    for (size_t i = 0; i < any.size(); ++i) any[i] = any[i] || present[i];
  }
  return any;
}

FeaturePreparation fit_preparation(const std::vector<Matrix>& modalities, bool with_fill) {
  FeaturePreparation preparation;
  for (const Matrix& modality : modalities)
    preparation.scalers.push_back(fit_standard_scaler(modality));
  if (with_fill) {
    const ScaledModalities scaled = scale(preparation.scalers, modalities);
    preparation.fill = fit_missing_fill(scaled.values, scaled.present);
  }
  return preparation;
}

Matrix prepare_features(const FeaturePreparation& preparation,
                        const std::vector<Matrix>& modalities) {
  ScaledModalities scaled = scale(preparation.scalers, modalities);
  fill_missing(preparation.fill, scaled.values, scaled.present);
  size_t columns = 0;
  for (const Matrix& modality : scaled.values) columns += modality.num_columns;
  Matrix features(modalities.front().num_rows, columns);
  for (size_t i = 0; i < features.num_rows; ++i) {
    double* to = features.row(i);
    for (const Matrix& modality : scaled.values)
      to = std::copy_n(modality.row(i), modality.num_columns, to);
  }
  return features;
}

void store(BaselineState& state, const FeaturePreparation& preparation) {
  for (size_t m = 0; m < preparation.scalers.size(); ++m) {
    store(state, key_of("scaler", m, "mean"), preparation.scalers[m].mean);
    store(state, key_of("scaler", m, "scale"), preparation.scalers[m].scale);
  }
  for (size_t i = 0; i < preparation.fill.regressions.size(); ++i) {
    const MissingFill::Regression& regression = preparation.fill.regressions[i];
    const auto key = [i](const char* field) { return key_of("fill", i, field); };
    store(state, key("target"), std::vector{static_cast<double>(regression.target)});
    store(state, key("sources"),
          std::vector<double>(regression.sources.begin(), regression.sources.end()));
    store(state, key("input_mean"), regression.model.input_mean);
    store(state, key("output_mean"), regression.model.output_mean);
    store(state, key("directions"), regression.model.directions);
    store(state, key("coefficients"), regression.model.coefficients);
    store(state, key("penalty"), std::vector{regression.model.penalty});
  }
}

FeaturePreparation stored_preparation(const BaselineState& state, size_t num_modalities) {
  FeaturePreparation preparation;
  for (size_t m = 0; m < num_modalities; ++m) {
    StandardScaler scaler;
    scaler.mean = stored_vector(state, key_of("scaler", m, "mean"));
    scaler.scale = stored_vector(state, key_of("scaler", m, "scale"), scaler.mean.size());
    preparation.scalers.push_back(std::move(scaler));
  }
  for (size_t i = 0; state.arrays.count(key_of("fill", i, "target")) > 0; ++i)
    preparation.fill.regressions.push_back(stored_regression(state, i, preparation.scalers));
  return preparation;
}

}  // namespace cohesin
