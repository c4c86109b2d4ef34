#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cohesin/base/fields.h"
#include "cohesin/omics/multi_omics.h"

namespace cohesin {

// How one omic's values become tokens; section `tokenizers.NAME` of a recipe. Fitting replaces
// every "auto" and 0 by what was found, so that a checkpoint's config says it all.
struct TokenizerConfig {
  int64_t bins = 64;
  std::string edges = "linear";
  std::string at_maximum = "clamp";
  std::string transform = "auto";
  double normalization_factor = 0;
  double minimum = 0;
  double maximum = 1;
  bool zero_is_bin_0 = true;
  std::string unit;

  void visit(Fields& field) {
    field("bins", bins, "tokens for values; the vocabulary has <pad> and <mask> after them");
    field("edges", edges,
          "linear (the same for every feature), quantile (a feature's own, from the training "
          "samples), continuous (scaled values go in, labels are quantile bins) or classes (whole "
          "numbers from the minimum on, such as a copy number or a mutation's kind)");
    field("at_maximum", at_maximum,
          "linear edges, a value at or above the maximum: clamp (last bin) or pad (<pad>, the rule "
          "of the published tokenizer)");
    field("transform", transform, "log10 (of 1 + x), none, or auto (log10 for tpm)");
    field("normalization_factor", normalization_factor,
          "linear edges: divides the transformed values; 0 = the training maximum (tpm), 1 (beta)");
    field("minimum", minimum, "linear edges: the first edge; classes: the lowest");
    field("maximum", maximum, "linear edges: the last edge");
    field("zero_is_bin_0", zero_is_bin_0, "linear edges: an exact zero is bin 0");
    field("unit", unit, "the unit it is made for; empty = that of the training data");
  }
};

// What happened to the values that passed through a tokenizer.
struct TokenCounts {
  int64_t values = 0;        // all
  int64_t not_measured = 0;  // NaN: <mask>
  int64_t not_fitted = 0;    // measured, but the feature had no training value: <mask>
  int64_t zero = 0;          // exactly 0 after the transform
  int64_t below = 0;         // under the (fitted) range: first bin
  int64_t above = 0;         // over it: last bin (clamp), or at or over the maximum: <pad> (pad)

  TokenCounts& operator+=(const TokenCounts& other);
  std::string describe() const;  // "1200 values, 3 below and 1 above the fitted range, ..."
};

// What is fitted on the training samples; one entry a position of the gene axis.
struct FittedFeatures {
  // bins + 1 observed values (in the data's own unit) per position: the smallest, the quantiles
  // k / bins, the largest; no values = none measured in training. Only quantile and continuous.
  std::vector<std::vector<float>> quantiles;
  // Of the transformed values; NaN = none measured in training.
  std::vector<double> mean, sd;

  size_t num_positions() const { return mean.size(); }
};

// The edges as numpy's linspace builds them: i * step + minimum, the last exactly `maximum`.
std::vector<double> linear_edges(int64_t bins, double minimum, double maximum);

// Turns the values of one omic into bin ids and scaled values.
//
// linear: id = number of edges <= transformed value / factor, and 0 for an exact zero; all in
// double, since float32 moves values across edges (Gelard et al. 2024,
// doi:10.1101/2024.06.18.599483). quantile: id = number of the feature's inner quantiles below the
// value, so that ties (the zeros of RNA-seq) share the lowest bin of their run and ids keep their
// meaning as ranks. classes: id = value - minimum, beyond the last class the nearest. Not measured
// (NaN) is <mask>.
class ValueTokenizer {
 public:
  ValueTokenizer() = default;
  // With linear edges and nothing to fit, as published weights come. Throws Error if the config
  // asks for what only training data can tell.
  explicit ValueTokenizer(const TokenizerConfig& config);
  // With what was fitted before (from a checkpoint).
  ValueTokenizer(const TokenizerConfig& config, FittedFeatures fitted);

  // Fits on the given rows of modality.table, and on no others. `columns` holds the table's column
  // for each position of the gene axis (AxisAlignment::columns). Throws Error if the unit is not
  // the config's, if the unit has no linear edges, or if the rows hold no value.
  static ValueTokenizer fit(const TokenizerConfig& config, const Modality& modality,
                            const std::vector<int64_t>& rows, const std::vector<int64_t>& columns);

  const TokenizerConfig& config() const { return config_; }
  const FittedFeatures& fitted() const { return fitted_; }
  int64_t pad_token() const { return config_.bins; }
  int64_t mask_token() const { return config_.bins + 1; }
  int64_t alphabet_size() const { return config_.bins + 2; }  // bins, <pad>, <mask>
  bool is_continuous() const { return config_.edges == "continuous"; }
  bool has_scaler() const { return !fitted_.mean.empty(); }

  // Throws Error, naming both units, if `modality` holds another unit than it was made for.
  void check_unit(const Modality& modality) const;

  // The id of one value of a tokenizer with linear edges, by the published rule: NaN counts as at
  // the maximum. `transformed` is the value before the division by the factor.
  int64_t linear_token(double transformed) const;
  double transformed(double value) const;  // log10(1 + value), or the value

  // values[n] -> ids[n]; n positions of the gene axis in order. Fitted tokenizers need exactly
  // their number of positions.
  void tokens(const float* values, size_t n, int64_t* ids, TokenCounts& counts) const;

  // The same by the rule as it is written down, for linear edges: tokens() looks positive values up
  // among thresholds instead, which gives the same ids and counts without a logarithm a value.
  void tokens_by_rule(const float* values, size_t n, int64_t* ids, TokenCounts& counts) const;

  // values[n] -> (transformed - mean) / sd of the training samples, clipped to [-10, 10]; 0, the
  // training mean, where there is no value. Throws Error without a fitted scaler.
  void scaled(const float* values, size_t n, float* out) const;

 private:
  void check_config() const;
  int64_t token_at(size_t position, float value, TokenCounts& counts) const;
  int64_t clamped_linear_token(float value, TokenCounts& counts) const;
  int64_t class_token(float value, TokenCounts& counts) const;

  // The rule in the values' own unit, for positive values: it never falls as they rise.
  struct Thresholds {
    std::vector<float> edges;  // the smallest value at or above each edge
    float not_zero = 0;        // the smallest value that is not 0 after the transform
    float minimum = 0;         // the smallest at or above the minimum
    float above = 0;           // the smallest that counts as above the maximum
    int64_t zero_token = 0;
    TokenCounts zero_counts;
  };
  void make_thresholds();
  int64_t looked_up_token(float value, TokenCounts& counts) const;

  TokenizerConfig config_;
  FittedFeatures fitted_;
  std::vector<double> edges_;  // linear only
  Thresholds thresholds_;      // linear only
};

// The tokenizers of a checkpoint, by modality: `tokenizers.json`. Reading gives the same numbers
// bit for bit. Throws Error naming `where` for text that is not such a file.
std::string write_tokenizers(const std::map<std::string, ValueTokenizer>& tokenizers);
std::map<std::string, ValueTokenizer> read_tokenizers(std::string_view text,
                                                      const std::string& where);

}  // namespace cohesin
