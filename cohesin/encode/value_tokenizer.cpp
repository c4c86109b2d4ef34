#include "cohesin/encode/value_tokenizer.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/encode/gene_axis.h"

namespace cohesin {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kLargestScaled = 10.0;
// A feature that never varies in training keeps its distance to the mean unscaled.
constexpr double kSmallestSd = 1e-6;

void check_choice(const char* field, const std::string& value,
                  const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  std::string list;
  for (const auto& choice : choices) list += (list.empty() ? "" : ", ") + choice;
  throw Error("tokenizer: '{}' is '{}'; expected one of: {}", field, value, list);
}

// Observed values, so that a monotone transform changes no bin: the smallest, the ceil(k n /
// bins)-th smallest for k = 1..bins-1, the largest.
std::vector<float> observed_quantiles(std::vector<float> values, int64_t bins) {
  std::vector<float> quantiles;
  if (values.empty()) return quantiles;
  std::sort(values.begin(), values.end());
  const auto n = static_cast<int64_t>(values.size());
  quantiles.push_back(values.front());
  for (int64_t k = 1; k < bins; ++k)
    quantiles.push_back(values[static_cast<size_t>((k * n + bins - 1) / bins - 1)]);
  quantiles.push_back(values.back());
  return quantiles;
}

struct Moments {
  double mean = kNaN, sd = kNaN;
};

Moments moments(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double sd = std::sqrt(squares / n);
  return {mean, sd < kSmallestSd ? 1.0 : sd};
}

// Class tokens are whole numbers minimum..minimum + bins - 1.
void check_classes(const TokenizerConfig& config, const Modality& modality, int64_t column,
                   const std::vector<float>& values) {
  const double last = config.minimum + static_cast<double>(config.bins - 1);
  for (const float value : values)
    if (value != std::floor(value) || value < config.minimum || value > last)
      throw Error(
          "modality '{}': '{}' holds {}; edges 'classes' need whole numbers from {} to {} (see "
          "tokenizers.{}.minimum and bins)",
          modality.name, modality.table.features[static_cast<size_t>(column)], value,
          config.minimum, last, modality.name);
}

// The smallest positive number for which `holds` is true, which stays true above it; infinity if
// there is none. Positive floats have the order of their bits.
template <typename Holds>
float first_float(const Holds& holds) {
  uint32_t none = 0, first = std::bit_cast<uint32_t>(std::numeric_limits<float>::infinity());
  while (first - none > 1) {
    const uint32_t middle = none + (first - none) / 2;
    (holds(std::bit_cast<float>(middle)) ? first : none) = middle;
  }
  return std::bit_cast<float>(first);
}

// How many of the sorted `edges` are at or below `value`: no branch for the processor to guess.
int64_t count_at_or_below(const std::vector<float>& edges, float value) {
  size_t below = 0, rest = edges.size();
  while (rest > 1) {
    const size_t half = rest / 2;
    below += edges[below + half - 1] <= value ? half : 0;
    rest -= half;
  }
  return static_cast<int64_t>(below + (edges[below] <= value ? 1 : 0));
}

}  // namespace

TokenCounts& TokenCounts::operator+=(const TokenCounts& other) {
  values += other.values;
  not_measured += other.not_measured;
  not_fitted += other.not_fitted;
  zero += other.zero;
  below += other.below;
  above += other.above;
  return *this;
}

std::string TokenCounts::describe() const {
  return fmt::format(
      "{} values: {} zero, {} below and {} above the range, {} not measured, {} of features "
      "without "
      "training values",
      values, zero, below, above, not_measured, not_fitted);
}

std::vector<double> linear_edges(int64_t bins, double minimum, double maximum) {
  const double step = (maximum - minimum) / static_cast<double>(bins - 1);
  std::vector<double> edges;
  for (int64_t i = 0; i < bins; ++i) edges.push_back(static_cast<double>(i) * step + minimum);
  edges.back() = maximum;
  return edges;
}

void ValueTokenizer::check_config() const {
  check_choice("edges", config_.edges, {"linear", "quantile", "continuous", "classes"});
  check_choice("at_maximum", config_.at_maximum, {"clamp", "pad"});
  check_choice("transform", config_.transform, {"auto", "log10", "none"});
  if (config_.bins < 2) throw Error("tokenizer: 'bins' is {}; needs 2 or more", config_.bins);
  if (!(config_.minimum < config_.maximum))
    throw Error("tokenizer: 'minimum' is {} and 'maximum' is {}; needs minimum < maximum",
                config_.minimum, config_.maximum);
  if (!(config_.normalization_factor >= 0) || std::isinf(config_.normalization_factor))
    throw Error("tokenizer: 'normalization_factor' is {}; needs a positive number, or 0 to fit it",
                config_.normalization_factor);
  if (config_.edges != "linear" && config_.at_maximum == "pad")
    throw Error(
        "tokenizer: at_maximum 'pad' goes with linear edges; with edges '{}' values beyond "
        "the fitted range take the outer bins",
        config_.edges);
  if (!config_.unit.empty()) parse_unit(config_.unit);
}

ValueTokenizer::ValueTokenizer(const TokenizerConfig& config) : ValueTokenizer(config, {}) {}

ValueTokenizer::ValueTokenizer(const TokenizerConfig& config, FittedFeatures fitted)
    : config_(config), fitted_(std::move(fitted)) {
  check_config();
  if (config_.transform == "auto" && !config_.unit.empty())
    config_.transform = config_.unit == "tpm" ? "log10" : "none";
  if (config_.transform == "auto")
    throw Error("tokenizer: 'transform' is auto and no 'unit' is given; set one of them");
  if (config_.edges != "linear") {
    const bool has_quantiles =
        config_.edges == "classes" || fitted_.quantiles.size() == fitted_.num_positions();
    if (!has_quantiles || !has_scaler())
      throw Error(
          "tokenizer: edges '{}' are fitted on training samples and cannot be made from "
          "settings alone",
          config_.edges);
    return;
  }
  if (config_.normalization_factor == 0)
    throw Error("tokenizer: linear edges need a 'normalization_factor' (0 = fit it in training)");
  edges_ = linear_edges(config_.bins, config_.minimum, config_.maximum);
  make_thresholds();
}

void ValueTokenizer::make_thresholds() {
  const auto x = [this](float value) { return transformed(value) / config_.normalization_factor; };
  thresholds_.not_zero = first_float([&x](float value) { return x(value) > 0; });
  thresholds_.minimum =
      first_float([&x, this](float value) { return x(value) >= config_.minimum; });
  thresholds_.above = first_float([&x, this](float value) {
    return config_.at_maximum == "pad" ? x(value) >= edges_.back() : x(value) > config_.maximum;
  });
  for (const double edge : edges_)
    thresholds_.edges.push_back(first_float([&x, edge](float value) { return x(value) >= edge; }));
  thresholds_.zero_token = clamped_linear_token(0.0F, thresholds_.zero_counts);
}

ValueTokenizer ValueTokenizer::fit(const TokenizerConfig& config, const Modality& modality,
                                   const std::vector<int64_t>& rows,
                                   const std::vector<int64_t>& columns) {
  ValueTokenizer made;
  made.config_ = config;
  made.check_config();
  if (config.unit.empty()) made.config_.unit = unit_name(modality.unit);
  made.check_unit(modality);
  auto& settings = made.config_;
  if (settings.transform == "auto")
    settings.transform = modality.unit == Unit::kTpm ? "log10" : "none";
  const bool is_linear = settings.edges == "linear";
  if (is_linear && modality.unit != Unit::kTpm && modality.unit != Unit::kBeta)
    throw Error(
        "modality '{}' holds {}, which has no natural range: linear edges are for tpm and "
        "beta; set tokenizers.{}.edges to quantile or continuous",
        modality.name, unit_name(modality.unit), modality.name);

  double largest = -std::numeric_limits<double>::infinity();
  for (const int64_t column : columns) {
    std::vector<float> raw;
    std::vector<double> transformed;
    for (const int64_t row : rows) {
      if (column == kHiddenColumn) break;
      const float value =
          column == kZeroColumn ? 0.0F : modality.table.row(static_cast<size_t>(row))[column];
      if (std::isnan(value)) continue;
      raw.push_back(value);
      transformed.push_back(made.transformed(value));
      largest = std::max(largest, transformed.back());
    }
    if (settings.edges == "classes") check_classes(settings, modality, column, raw);
    const Moments found = moments(transformed);
    made.fitted_.mean.push_back(found.mean);
    made.fitted_.sd.push_back(found.sd);
    if (!is_linear && settings.edges != "classes")
      made.fitted_.quantiles.push_back(observed_quantiles(std::move(raw), settings.bins));
  }
  if (std::isinf(largest))
    throw Error(
        "modality '{}': its {} training samples hold no measured value to fit a tokenizer on",
        modality.name, rows.size());
  if (is_linear && settings.normalization_factor == 0)
    settings.normalization_factor = modality.unit == Unit::kBeta ? 1.0 : largest;
  if (is_linear && !(settings.normalization_factor > 0))
    throw Error(
        "modality '{}': all values of the {} training samples are 0, so the training maximum "
        "cannot be the normalization factor; set tokenizers.{}.normalization_factor",
        modality.name, rows.size(), modality.name);
  return ValueTokenizer(settings, std::move(made.fitted_));
}

void ValueTokenizer::check_unit(const Modality& modality) const {
  if (config_.unit.empty() || config_.unit == unit_name(modality.unit)) return;
  throw Error(
      "modality '{}' holds {}, but its tokenizer is made for {}; prepare the data in that "
      "unit (prepare omics --unit {}=...)",
      modality.name, unit_name(modality.unit), config_.unit, modality.name);
}

double ValueTokenizer::transformed(double value) const {
  // Of the rounded sum, as the published tokenizer: log1p would give tiny values another bin.
  return config_.transform == "log10" ? std::log10(1.0 + value) : value;
}

int64_t ValueTokenizer::linear_token(double transformed) const {
  assert(!edges_.empty());
  const double x = transformed / config_.normalization_factor;
  if (std::isnan(x)) return config_.bins;
  if (x == 0.0 && config_.zero_is_bin_0) return 0;
  return std::upper_bound(edges_.begin(), edges_.end(), x) - edges_.begin();
}

int64_t ValueTokenizer::clamped_linear_token(float value, TokenCounts& counts) const {
  const double log_value = transformed(value);
  const double x = log_value / config_.normalization_factor;
  const int64_t id = linear_token(log_value);
  if (x == 0.0) ++counts.zero;
  if (config_.at_maximum == "pad") {
    if (id == config_.bins) ++counts.above;
    if (x < config_.minimum) ++counts.below;
    return id;
  }
  if (std::isnan(x) || x < config_.minimum) {  // NaN: the logarithm of a negative number
    ++counts.below;
    return 0;
  }
  if (x > config_.maximum) ++counts.above;
  return std::min(id, config_.bins - 1);
}

int64_t ValueTokenizer::class_token(float value, TokenCounts& counts) const {
  const double id = std::round(static_cast<double>(value) - config_.minimum);
  const auto last = static_cast<double>(config_.bins - 1);
  if (value == 0.0F) ++counts.zero;
  if (id < 0) ++counts.below;
  if (id > last) ++counts.above;
  return static_cast<int64_t>(std::clamp(id, 0.0, last));
}

int64_t ValueTokenizer::token_at(size_t position, float value, TokenCounts& counts) const {
  if (std::isnan(value)) {
    ++counts.not_measured;
    return mask_token();
  }
  if (has_scaler() && std::isnan(fitted_.mean[position])) {
    ++counts.not_fitted;
    return mask_token();
  }
  if (config_.edges == "linear") return clamped_linear_token(value, counts);
  if (config_.edges == "classes") return class_token(value, counts);
  const auto& quantiles = fitted_.quantiles[position];
  if (value == 0.0F) ++counts.zero;
  if (value < quantiles.front()) ++counts.below;
  if (value > quantiles.back()) ++counts.above;
  const auto inner = quantiles.begin() + 1;
  return std::lower_bound(inner, quantiles.end() - 1, value) - inner;
}

void ValueTokenizer::tokens(const float* values, size_t n, int64_t* ids,
                            TokenCounts& counts) const {
  assert(!has_scaler() || n == fitted_.num_positions());
  counts.values += static_cast<int64_t>(n);
  if (config_.edges != "linear") {
    for (size_t i = 0; i < n; ++i) ids[i] = token_at(i, values[i], counts);
    return;
  }
  const bool some_not_fitted = has_scaler();
  for (size_t i = 0; i < n; ++i) {
    const bool plain = some_not_fitted && std::isnan(fitted_.mean[i]);
    ids[i] = plain ? token_at(i, values[i], counts) : looked_up_token(values[i], counts);
  }
}

int64_t ValueTokenizer::looked_up_token(float value, TokenCounts& counts) const {
  if (value == 0.0F) {
    counts += thresholds_.zero_counts;
    return thresholds_.zero_token;
  }
  if (!(value >= thresholds_.not_zero && value <= std::numeric_limits<float>::max())) {
    if (!std::isnan(value)) return clamped_linear_token(value, counts);
    ++counts.not_measured;
    return mask_token();
  }
  const int64_t id = count_at_or_below(thresholds_.edges, value);
  const bool below = value < thresholds_.minimum;
  counts.below += below ? 1 : 0;
  counts.above += value >= thresholds_.above ? 1 : 0;
  if (config_.at_maximum == "pad") return id;
  return below ? 0 : std::min(id, config_.bins - 1);
}

void ValueTokenizer::tokens_by_rule(const float* values, size_t n, int64_t* ids,
                                    TokenCounts& counts) const {
  counts.values += static_cast<int64_t>(n);
  for (size_t i = 0; i < n; ++i) ids[i] = token_at(i, values[i], counts);
}

void ValueTokenizer::scaled(const float* values, size_t n, float* out) const {
  if (!has_scaler())
    throw Error(
        "this tokenizer has no fitted scaler (it came with published weights); values as "
        "continuous input need a model trained here");
  assert(n == fitted_.num_positions());
  for (size_t i = 0; i < n; ++i) {
    const double x = (transformed(values[i]) - fitted_.mean[i]) / fitted_.sd[i];
    out[i] =
        std::isnan(x) ? 0.0F : static_cast<float>(std::clamp(x, -kLargestScaled, kLargestScaled));
  }
}

}  // namespace cohesin
