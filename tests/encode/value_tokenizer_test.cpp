#include "cohesin/encode/value_tokenizer.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cohesin/base/philox.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using cohesin::testing::golden;
using Json = nlohmann::json;

const std::string kCase = "omics_tokenizer";

double hex(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

Json golden_json() {
  std::ifstream file(golden(kCase + "/tokenizer.json"));
  return Json::parse(file);
}

// The published tokenizer of an omic.
ValueTokenizer published(const std::string& omic) {
  TokenizerConfig config;
  config.at_maximum = "pad";
  config.transform = omic == "rnaseq" ? "log10" : "none";
  config.normalization_factor =
      omic == "rnaseq" ? golden_json()["rnaseq"]["normalization_factor"].get<double>() : 1.0;
  return ValueTokenizer(config);
}

Modality modality(Unit unit, size_t num_features, std::vector<float> values) {
  Modality made;
  made.name = "rnaseq";
  made.unit = unit;
  for (size_t f = 0; f < num_features; ++f) made.table.features.push_back(fmt::format("g{}", f));
  for (size_t s = 0; s < values.size() / num_features; ++s)
    made.table.samples.push_back(fmt::format("s{}", s));
  made.table.values = std::move(values);
  return made;
}

std::vector<int64_t> tokens(const ValueTokenizer& tokenizer, const std::vector<float>& values,
                            TokenCounts* counts = nullptr) {
  std::vector<int64_t> ids(values.size());
  TokenCounts ignored;
  tokenizer.tokens(values.data(), values.size(), ids.data(), counts ? *counts : ignored);
  return ids;
}

using Ids = std::vector<int64_t>;

TEST(ValueTokenizer, EqualsThePublishedTableExactly) {
  std::ifstream file(golden(kCase + "/values.tsv"));
  std::string line;
  std::getline(file, line);
  int rows = 0, skipped = 0;
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, '\t');) cells.push_back(cell);
    ASSERT_EQ(cells.size(), 8U) << line;
    const ValueTokenizer tokenizer = published(cells[0]);
    const double value = hex(cells[3]);
    if (cells[7] == "no") {  // another libm may differ by one ulp: entered after the logarithm
      EXPECT_EQ(tokenizer.linear_token(hex(cells[4])), std::stoll(cells[6])) << line;
      ++skipped;
    } else {
      const double entered = cells[1] == "tpm" ? tokenizer.transformed(value) : value;
      EXPECT_EQ(tokenizer.linear_token(entered), std::stoll(cells[6])) << line;
    }
    ++rows;
  }
  EXPECT_EQ(skipped, 3);
  EXPECT_GT(rows, 200);
}

TEST(ValueTokenizer, EdgesAreThoseOfNumpyBitForBit) {
  const Json reference = golden_json();
  const auto check = [](const Json& expected, const std::vector<double>& edges) {
    ASSERT_EQ(edges.size(), expected.size());
    for (size_t i = 0; i < edges.size(); ++i)
      EXPECT_EQ(edges[i], hex(expected[i].get<std::string>())) << i;
  };
  const auto edges = linear_edges(64, 0, 1);
  check(reference["edges_hex"], edges);
  for (const int i : reference["edges_that_differ_from_i_over_63"])
    EXPECT_NE(edges[static_cast<size_t>(i)], i / 63.0);
  check(reference["other_range"]["edges_hex"], linear_edges(20, -2, 3));
}

TEST(ValueTokenizer, KeepsThePublishedRuleForAnotherRange) {
  const Json other = golden_json()["other_range"];
  TokenizerConfig config;
  config.bins = 20;
  config.minimum = -2;
  config.maximum = 3;
  config.transform = "none";
  config.normalization_factor = 1;
  const ValueTokenizer tokenizer(config);
  for (size_t i = 0; i < other["values"].size(); ++i)
    EXPECT_EQ(tokenizer.linear_token(other["values"][i].get<double>()),
              other["ids"][i].get<int64_t>());
}

TEST(ValueTokenizer, PadsAtTheMaximumAsPublishedButMasksWhatWasNotMeasured) {
  const ValueTokenizer tokenizer = published("methylation");
  EXPECT_EQ(tokenizer.pad_token(), golden_json()["special_tokens"]["<pad>"]);
  EXPECT_EQ(tokenizer.mask_token(), golden_json()["special_tokens"]["<mask>"]);
  TokenCounts counts;
  EXPECT_EQ(tokens(tokenizer, {0.0F, 0.5F, 1.0F, 1.5F, -0.1F, kNotMeasured}, &counts),
            (Ids{0, 32, 64, 64, 0, 65}));
  EXPECT_EQ(counts.values, 6);
  EXPECT_EQ(counts.zero, 1);
  EXPECT_EQ(counts.above, 2);
  EXPECT_EQ(counts.below, 1);
  EXPECT_EQ(counts.not_measured, 1);
}

TEST(ValueTokenizer, ClampsToTheOuterBinsAndCounts) {
  TokenizerConfig config;
  config.unit = "beta";
  config.normalization_factor = 1;
  TokenCounts counts;
  EXPECT_EQ(tokens(ValueTokenizer(config), {1.0F, 1.5F, -0.5F, 0.999999F}, &counts),
            (Ids{63, 63, 0, 63}));
  EXPECT_EQ(counts.above, 1);  // 1.0 is the end of the range, not beyond it
  EXPECT_EQ(counts.below, 1);
}

// The thresholds must stand exactly where the rule changes: values around each change are tried.
TEST(ValueTokenizer, LookedUpTokensAreThoseOfTheRule) {
  for (const char* at_maximum : {"clamp", "pad"})
    for (const double minimum : {0.0, 0.1, -0.2})
      for (const char* transform : {"log10", "none"})
        for (const bool zero_is_bin_0 : {true, false}) {
          TokenizerConfig config;
          config.at_maximum = at_maximum;
          config.minimum = minimum;
          config.transform = transform;
          config.zero_is_bin_0 = zero_is_bin_0;
          config.normalization_factor = 5.547176906585117;
          const ValueTokenizer tokenizer(config);
          std::vector<float> values = {
              0.0F,         -0.0F,  -0.5F,  -1.0F, -7.0F,
              kNotMeasured, 1e-45F, 1e-20F, 3e38F, std::numeric_limits<float>::infinity()};
          for (const double edge : linear_edges(config.bins, config.minimum, config.maximum)) {
            const double x = edge * config.normalization_factor;
            float value = static_cast<float>(config.transform == "none" ? x : std::pow(10, x) - 1);
            for (int k = 0; k < 8; ++k) value = std::nextafter(value, -1e30F);
            for (int k = 0; k < 16; ++k) values.push_back(value = std::nextafter(value, 1e30F));
          }
          RandomStream random(1, "values");
          for (int k = 0; k < 20000; ++k)
            values.push_back(std::bit_cast<float>(random.next_word() & 0x7FFFFFFFU));
          std::vector<int64_t> found(values.size()), expected(values.size());
          TokenCounts found_counts, expected_counts;
          tokenizer.tokens(values.data(), values.size(), found.data(), found_counts);
          tokenizer.tokens_by_rule(values.data(), values.size(), expected.data(), expected_counts);
          EXPECT_EQ(found, expected);
          EXPECT_EQ(found_counts.describe(), expected_counts.describe());
        }
}

TEST(ValueTokenizer, TokensOfPublicSamplesAreThoseOfTheSpecification) {
  EXPECT_EQ(tokens(published("methylation"),
                   {0.289690701990861F, 0.1118380878856581F, 0.2257209080098597F}),
            (Ids{19, 8, 15}));
}

TEST(ValueTokenizer, FitsTheTrainingMaximumOfTheGivenRowsOnly) {
  const Modality rnaseq = modality(Unit::kTpm, 2, {0, 9, 99, kNotMeasured, 1000, 5});
  const auto tokenizer = ValueTokenizer::fit({}, rnaseq, {0, 1}, {0, 1});
  EXPECT_EQ(tokenizer.config().normalization_factor, 2.0);  // log10(1 + 99)
  EXPECT_EQ(tokenizer.config().transform, "log10");
  EXPECT_EQ(tokenizer.config().unit, "tpm");
  EXPECT_EQ(tokenizer.fitted().mean, (std::vector<double>{1.0, 1.0}));
  EXPECT_EQ(tokenizer.fitted().sd, (std::vector<double>{1.0, 1.0}));  // the second never varies
  TokenCounts counts;
  EXPECT_EQ(tokens(tokenizer, {1000, 9}, &counts), (Ids{63, 32}));
  EXPECT_EQ(counts.above, 1);
}

TEST(ValueTokenizer, BetaKeepsItsNaturalRange) {
  const auto tokenizer =
      ValueTokenizer::fit({}, modality(Unit::kBeta, 1, {0.2F, 0.4F}), {0, 1}, {0});
  EXPECT_EQ(tokenizer.config().normalization_factor, 1.0);
  EXPECT_EQ(tokens(tokenizer, {0.5F}), Ids{32});
}

TEST(ValueTokenizer, QuantileBinsHoldEqualSharesOfTheTrainingSamples) {
  TokenizerConfig config;
  config.bins = 4;
  config.edges = "quantile";
  const Modality table = modality(Unit::kLogRatio, 1, {5, -3, 8, 1, 2, 7, -1, 4});
  const auto tokenizer = ValueTokenizer::fit(config, table, {0, 1, 2, 3, 4, 5, 6, 7}, {0});
  Ids ids;
  for (const float value : table.table.values) ids.push_back(tokens(tokenizer, {value})[0]);
  EXPECT_EQ(ids, (Ids{2, 0, 3, 1, 1, 3, 0, 2}));
  TokenCounts counts;
  EXPECT_EQ(tokens(tokenizer, {-100}, &counts), Ids{0});
  EXPECT_EQ(tokens(tokenizer, {100}, &counts), Ids{3});
  EXPECT_EQ(counts.below, 1);
  EXPECT_EQ(counts.above, 1);
}

TEST(ValueTokenizer, TiedValuesShareTheLowestBinOfTheirRun) {
  TokenizerConfig config;
  config.bins = 4;
  config.edges = "quantile";
  const Modality table = modality(Unit::kTpm, 1, {0, 0, 0, 0, 0, 0, 3, 9});
  const auto tokenizer = ValueTokenizer::fit(config, table, {0, 1, 2, 3, 4, 5, 6, 7}, {0});
  EXPECT_EQ(tokens(tokenizer, {0}), Ids{0});
  EXPECT_EQ(tokens(tokenizer, {3}), Ids{3});
}

TEST(ValueTokenizer, FeatureWithoutTrainingValuesIsHidden) {
  for (const std::string edges : {"linear", "quantile", "continuous"}) {
    TokenizerConfig config;
    config.edges = edges;
    const Modality table = modality(Unit::kTpm, 2, {1, kNotMeasured, 3, kNotMeasured});
    const auto tokenizer = ValueTokenizer::fit(config, table, {0, 1}, {0, 1, -1});
    TokenCounts counts;
    const auto ids = tokens(tokenizer, {2, 2, 2}, &counts);
    EXPECT_LT(ids[0], 64) << edges;
    EXPECT_EQ(ids[1], tokenizer.mask_token()) << edges;
    EXPECT_EQ(ids[2], tokenizer.mask_token()) << edges;
    EXPECT_EQ(counts.not_fitted, 2);
    std::vector<float> scaled(3);
    tokenizer.scaled(std::vector<float>{2, 2, 2}.data(), 3, scaled.data());
    EXPECT_EQ(scaled[1], 0.0F);
    EXPECT_EQ(scaled[2], 0.0F);
  }
}

TEST(ValueTokenizer, ScaledValuesAreStandardisedClippedAndZeroWhereNotMeasured) {
  TokenizerConfig config;
  config.edges = "continuous";
  const Modality table = modality(Unit::kOther, 3, {0, 1, 5, 2, 3, 5, 40, 50, 60});
  const auto tokenizer = ValueTokenizer::fit(config, table, {0, 1}, {0, 1, 2});
  std::vector<float> out(3);
  tokenizer.scaled(std::vector<float>{2, kNotMeasured, 6}.data(), 3, out.data());
  EXPECT_EQ(out, (std::vector<float>{1, 0, 1}));
  tokenizer.scaled(std::vector<float>{1000, -1000, 5}.data(), 3, out.data());
  EXPECT_EQ(out, (std::vector<float>{10, -10, 0}));
}

TEST(ValueTokenizer, RefusesAnotherUnitNamingBoth) {
  const auto tokenizer = ValueTokenizer::fit({}, modality(Unit::kTpm, 1, {1, 2}), {0, 1}, {0});
  const Modality other = modality(Unit::kLogRatio, 1, {1, 2});
  EXPECT_ERROR(tokenizer.check_unit(other), "holds log_ratio, but its tokenizer is made for tpm");
  TokenizerConfig config;
  config.unit = "beta";
  EXPECT_ERROR(ValueTokenizer::fit(config, modality(Unit::kTpm, 1, {1}), {0}, {0}),
               "holds tpm, but its tokenizer is made for beta");
}

TEST(ValueTokenizer, RefusesLinearEdgesForUnitsWithoutARange) {
  for (const Unit unit : {Unit::kLogRatio, Unit::kOther})
    EXPECT_ERROR(ValueTokenizer::fit({}, modality(unit, 1, {1}), {0}, {0}),
                 "set tokenizers.rnaseq.edges to quantile or continuous");
}

TEST(ValueTokenizer, RefusesSettingsThatCannotBe) {
  const Modality table = modality(Unit::kTpm, 1, {1, 2});
  const auto fit = [&](auto&& change) {
    TokenizerConfig config;
    change(config);
    return ValueTokenizer::fit(config, table, {0, 1}, {0});
  };
  EXPECT_ERROR(fit([](auto& c) { c.bins = 1; }), "'bins' is 1");
  EXPECT_ERROR(fit([](auto& c) { c.edges = "log"; }), "linear, quantile, continuous");
  EXPECT_ERROR(fit([](auto& c) { c.at_maximum = "drop"; }), "clamp, pad");
  EXPECT_ERROR(fit([](auto& c) { c.maximum = 0; }), "minimum < maximum");
  EXPECT_ERROR(fit([](auto& c) { c.normalization_factor = -1; }), "a positive number");
  EXPECT_ERROR(fit([](auto& c) { c.edges = "quantile", c.at_maximum = "pad"; }), "linear edges");
  EXPECT_ERROR(fit([](auto& c) { c.unit = "fpkm"; }), "unknown unit 'fpkm'");
  EXPECT_ERROR(ValueTokenizer::fit({}, table, {}, {0}), "no measured value");
  EXPECT_ERROR(ValueTokenizer::fit({}, modality(Unit::kTpm, 1, {0}), {0}, {0}), "are 0");
}

TEST(TokenizersFile, ReadsBackBitForBit) {
  std::map<std::string, ValueTokenizer> tokenizers;
  const Modality table = modality(
      Unit::kTpm, 3, {0.1F, 3.3333333F, kNotMeasured, 1e-30F, 7e8F, kNotMeasured, -0.0F, 2, 1});
  for (const std::string edges : {"linear", "quantile", "continuous"}) {
    TokenizerConfig config;
    config.edges = edges;
    tokenizers[edges] = ValueTokenizer::fit(config, table, {0, 1, 2}, {0, 1, 2, -1});
  }
  const std::string text = write_tokenizers(tokenizers);
  const auto read = read_tokenizers(text, "tokenizers.json");
  EXPECT_EQ(write_tokenizers(read), text);
  for (const auto& [name, tokenizer] : tokenizers) {
    const auto& other = read.at(name);
    EXPECT_EQ(other.config().normalization_factor, tokenizer.config().normalization_factor);
    EXPECT_EQ(other.fitted().quantiles, tokenizer.fitted().quantiles);
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(other.fitted().mean[i], tokenizer.fitted().mean[i]);
      EXPECT_EQ(other.fitted().sd[i], tokenizer.fitted().sd[i]);
    }
    EXPECT_TRUE(std::isnan(other.fitted().mean[3]));
    EXPECT_EQ(tokens(other, {0.1F, 5, 1, 1}), tokens(tokenizer, {0.1F, 5, 1, 1}));
  }
}

TEST(TokenizersFile, RefusesWhatIsNotOne) {
  EXPECT_ERROR(read_tokenizers("{\"rnaseq\": {", "t.json"), "t.json: not a tokenizers file");
  EXPECT_ERROR(read_tokenizers("{\"rnaseq\": {}}", "t.json"), "t.json: not a tokenizers file");
  EXPECT_ERROR(read_tokenizers(R"({"r": {"config": {"transform": "none", "normalization_factor": 1},
                                  "mean": [0], "sd": [], "quantiles": []}})",
                               "t.json"),
               "t.json: r: 1 means but 0 sds");
}

TEST(ValueTokenizer, ClassesAreWholeNumbersFromTheMinimumOn) {
  TokenizerConfig config;
  config.edges = "classes";
  config.bins = 5;
  config.minimum = -2;
  const float nan = std::nanf("");
  const auto made = ValueTokenizer::fit(config, modality(Unit::kOther, 2, {-2, 0, 1, nan, 2, 0}),
                                        {0, 1, 2}, {0, 1});
  TokenCounts counts;
  EXPECT_EQ(tokens(made, {-2, 0}), (Ids{0, 2}));
  EXPECT_EQ(tokens(made, {5, -7}, &counts), (Ids{4, 0}));
  EXPECT_EQ(tokens(made, {nan, 2}), (Ids{6, 4}));
  EXPECT_EQ(counts.above, 1);
  EXPECT_EQ(counts.below, 1);
  const auto again = read_tokenizers(write_tokenizers({{"cnv", made}}), "tokenizers.json");
  EXPECT_EQ(tokens(again.at("cnv"), {-2, 0}), (Ids{0, 2}));
  EXPECT_ERROR(ValueTokenizer::fit(config, modality(Unit::kOther, 1, {0.5}), {0}, {0}),
               "whole numbers from -2 to 2");
}

}  // namespace
}  // namespace cohesin
