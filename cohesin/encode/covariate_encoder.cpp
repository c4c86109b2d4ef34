#include "cohesin/encode/covariate_encoder.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

#include "cohesin/base/error.h"

namespace cohesin {

namespace {

Covariate fit_text(const Column& column, const std::vector<int64_t>& samples) {
  Covariate covariate;
  covariate.is_text = true;
  std::set<std::string> levels;
  for (const int64_t sample : samples) {
    const std::string& value = column.text()[static_cast<size_t>(sample)];
    if (value.empty())
      covariate.marks_missing = true;
    else
      levels.insert(value);
  }
  covariate.levels.assign(levels.begin(), levels.end());
  return covariate;
}

Covariate fit_numbers(const Column& column, const std::vector<int64_t>& samples) {
  Covariate covariate;
  double count = 0, sum = 0, squares = 0;
  for (const int64_t sample : samples) {
    const double value = column.numbers()[static_cast<size_t>(sample)];
    if (std::isnan(value)) {
      covariate.marks_missing = true;
      continue;
    }
    count += 1;
    sum += value;
    squares += value * value;
  }
  if (count == 0) return covariate;
  covariate.mean = sum / count;
  covariate.sd = std::sqrt(std::max(0.0, squares / count - covariate.mean * covariate.mean));
  return covariate;
}

void check_fitted(const Covariate& covariate, const std::string& name) {
  const bool varies = covariate.is_text ? covariate.levels.size() > 1 : covariate.sd > 0;
  if (!varies)
    throw Error(
        "task.covariates: '{}' is the same, or not known, in all training samples; it says "
        "nothing, so leave it out",
        name);
}

}  // namespace

int64_t Covariate::num_features() const {
  return (is_text ? std::ssize(levels) : 1) + (marks_missing ? 1 : 0);
}

CovariateEncoder CovariateEncoder::fit(const Frame& obs, const std::vector<int64_t>& samples,
                                       const std::vector<std::string>& columns) {
  CovariateEncoder encoder;
  for (const auto& name : columns) {
    const Column& column = obs.at(name, "task.covariates");
    encoder.columns_.push_back(name);
    encoder.covariates_.push_back(column.is_text() ? fit_text(column, samples)
                                                   : fit_numbers(column, samples));
    check_fitted(encoder.covariates_.back(), name);
  }
  return encoder;
}

void CovariateEncoder::visit(Fields& field) {
  field("columns", columns_, "columns of the cohort");
  covariates_.resize(columns_.size());
  for (size_t c = 0; c < columns_.size(); ++c)
    field(columns_[c].c_str(), covariates_[c], "a covariate");
}

CovariateEncoder CovariateEncoder::read(const std::string& text, const std::string& where) {
  CovariateEncoder encoder;
  // The columns first: they name the further sections.
  std::map<std::string, std::string> sections;
  read_json([&encoder](Fields& field) { field("columns", encoder.columns_); }, text, where,
            &sections);
  read_json([&encoder](Fields& field) { encoder.visit(field); }, text, where);
  return encoder;
}

std::string CovariateEncoder::text() const {
  CovariateEncoder copy = *this;
  return write_json([&copy](Fields& field) { copy.visit(field); });
}

int64_t CovariateEncoder::num_features() const {
  int64_t count = 0;
  for (const auto& covariate : covariates_) count += covariate.num_features();
  return count;
}

std::vector<std::string> CovariateEncoder::feature_names() const {
  std::vector<std::string> names;
  for (size_t c = 0; c < columns_.size(); ++c) {
    if (!covariates_[c].is_text) names.push_back(columns_[c]);
    for (const auto& level : covariates_[c].levels) names.push_back(columns_[c] + "=" + level);
    if (covariates_[c].marks_missing) names.push_back(columns_[c] + ":missing");
  }
  return names;
}

CovariateEncoder::Encoded CovariateEncoder::encode(const Frame& obs) const {
  const size_t num_rows = obs.num_rows(), width = static_cast<size_t>(num_features());
  Encoded encoded{std::vector<float>(num_rows * width, 0), std::vector<uint8_t>(num_rows, 0), {}};
  size_t first = 0;
  for (size_t c = 0; c < columns_.size(); ++c) {
    const Covariate& covariate = covariates_[c];
    const Column* column = obs.find(columns_[c]);
    if (column == nullptr)
      encoded.notes.push_back(fmt::format(
          "the cohort has no column '{}'; the covariate counts as not known", columns_[c]));
    else if (column->is_text() != covariate.is_text)
      throw Error("covariate '{}': the model was trained on {}, the cohort has {}", columns_[c],
                  covariate.is_text ? "text" : "numbers", column->is_text() ? "text" : "numbers");
    std::map<std::string, int64_t> unknown;
    const size_t missing = first + static_cast<size_t>(covariate.num_features()) - 1;
    for (size_t row = 0; row < num_rows; ++row) {
      float* values = encoded.values.data() + row * width;
      bool known = false;
      if (column != nullptr && covariate.is_text) {
        const std::string& level = column->text()[row];
        const auto found =
            std::lower_bound(covariate.levels.begin(), covariate.levels.end(), level);
        known = found != covariate.levels.end() && *found == level;
        if (known) values[first + static_cast<size_t>(found - covariate.levels.begin())] = 1;
        if (!known && !level.empty()) ++unknown[level];
      } else if (column != nullptr && !std::isnan(column->numbers()[row])) {
        known = true;
        const double scaled = (column->numbers()[row] - covariate.mean) / covariate.sd;
        values[first] = static_cast<float>(std::clamp(scaled, -10.0, 10.0));
      }
      if (known) encoded.known[row] = 1;
      if (!known && covariate.marks_missing) values[missing] = 1;
    }
    for (const auto& [level, count] : unknown)
      encoded.notes.push_back(
          fmt::format("covariate '{}': '{}' ({} samples) is no level of the training samples; it "
                      "counts as not known",
                      columns_[c], level, count));
    first += static_cast<size_t>(covariate.num_features());
  }
  return encoded;
}

}  // namespace cohesin
