// tokenizers.json: {"NAME": {"config": {...}, "mean": [...], "sd": [...], "quantiles": [[...],
// ...]}}. Numbers are the shortest text that reads back to the same bits; null = no training value.
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/encode/value_tokenizer.h"

namespace cohesin {

namespace {

using Json = nlohmann::json;

std::string number_text(double value) {
  if (std::isnan(value)) return "null";
  if (value == 0 && std::signbit(value)) return "-0.0";  // "-0" would be read as the integer 0
  return fmt::format("{}", value);
}

// float32 in its own shortest text ("0.1", not the double next to it), unless reading that text as
// a double and rounding would give another float.
std::string number_text(float value) {
  const std::string text = fmt::format("{}", value);
  double read_back = 0;
  std::from_chars(text.data(), text.data() + text.size(), read_back);
  const bool is_exact = static_cast<float>(read_back) == value && value != 0;
  return is_exact ? text : number_text(static_cast<double>(value));
}

template <typename Number>
std::string array_text(const std::vector<Number>& values) {
  std::string text = "[";
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ',';
    text += number_text(values[i]);
  }
  return text + "]";
}

std::string tokenizer_text(const ValueTokenizer& tokenizer) {
  const FittedFeatures& fitted = tokenizer.fitted();
  std::string config = write_config(tokenizer.config());
  while (!config.empty() && config.back() == '\n') config.pop_back();
  std::string text = "{\n\"config\": " + config;
  text += ",\n\"mean\": " + array_text(fitted.mean);
  text += ",\n\"sd\": " + array_text(fitted.sd);
  text += ",\n\"quantiles\": [";
  for (size_t i = 0; i < fitted.quantiles.size(); ++i) {
    text += i == 0 ? "\n" : ",\n";
    text += array_text(fitted.quantiles[i]);
  }
  return text + "]\n}";
}

template <typename Number>
std::vector<Number> read_array(const Json& json) {
  std::vector<Number> values;
  for (const auto& item : json)
    values.push_back(item.is_null() ? std::numeric_limits<Number>::quiet_NaN()
                                    : static_cast<Number>(item.get<double>()));
  return values;
}

ValueTokenizer read_tokenizer(const Json& json, const std::string& where) {
  TokenizerConfig config;
  read_config(config, json.at("config").dump(), where);
  FittedFeatures fitted;
  fitted.mean = read_array<double>(json.at("mean"));
  fitted.sd = read_array<double>(json.at("sd"));
  for (const auto& row : json.at("quantiles")) fitted.quantiles.push_back(read_array<float>(row));
  if (fitted.sd.size() != fitted.mean.size())
    throw Error("{}: {} means but {} sds", where, fitted.mean.size(), fitted.sd.size());
  const auto num_quantiles = static_cast<size_t>(config.bins + 1);
  for (size_t i = 0; i < fitted.quantiles.size(); ++i) {
    const size_t n = fitted.quantiles[i].size();
    const bool is_measured = i < fitted.mean.size() && !std::isnan(fitted.mean[i]);
    if (n != (is_measured ? num_quantiles : 0))
      throw Error("{}: position {} has {} quantiles; expected {}", where, i, n,
                  is_measured ? num_quantiles : 0);
  }
  return ValueTokenizer(config, std::move(fitted));
}

}  // namespace

std::string write_tokenizers(const std::map<std::string, ValueTokenizer>& tokenizers) {
  std::string text = "{";
  for (const auto& [name, tokenizer] : tokenizers) {
    text += text.size() == 1 ? "\n" : ",\n";
    text += Json(name).dump() + ": " + tokenizer_text(tokenizer);
  }
  return text + "\n}\n";
}

std::map<std::string, ValueTokenizer> read_tokenizers(std::string_view text,
                                                      const std::string& where) {
  std::map<std::string, ValueTokenizer> tokenizers;
  try {
    const Json json = Json::parse(text);
    for (const auto& [name, item] : json.items())
      tokenizers.emplace(name, read_tokenizer(item, fmt::format("{}: {}", where, name)));
  } catch (const Json::exception& error) {
    throw Error("{}: not a tokenizers file: {}", where, error.what());
  }
  return tokenizers;
}

}  // namespace cohesin
