#pragma once

// Cases of tests/golden/metrics against the library they were made with.

#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/testing.h"

namespace cohesin::testing {

using Json = nlohmann::json;
using Metric = std::function<Json(const Json& data, const Json& options)>;

inline double number(const Json& value) {
  if (!value.is_string()) return value.get<double>();
  const auto text = value.get<std::string>();
  if (text == "nan") return std::nan("");
  return text == "inf" ? INFINITY : -INFINITY;
}

inline std::vector<double> numbers(const Json& values) {
  std::vector<double> flat;
  for (const Json& value : values) {
    if (value.is_array()) {
      for (const Json& inner : value) flat.push_back(number(inner));
    } else {
      flat.push_back(number(value));
    }
  }
  return flat;
}

inline std::vector<int64_t> labels(const Json& values) {
  return values.get<std::vector<int64_t>>();
}

inline void expect_equal(const Json& ours, const Json& theirs, const std::string& where) {
  if (theirs.is_object()) {
    for (const auto& [key, value] : theirs.items()) {
      if (key == "torchmetrics") continue;     // closes the bins on their other side
      if (key.find("sksurv_") == 0) continue;  // a second opinion that agrees
      expect_equal(ours.at(key), value, where + " " + key);
    }
  } else if (theirs.is_array()) {
    ASSERT_EQ(ours.size(), theirs.size()) << where;
    for (size_t i = 0; i < theirs.size(); ++i) expect_equal(ours[i], theirs[i], where);
  } else {
    const double a = ours.get<double>(), b = number(theirs);
    if (std::isfinite(b)) {
      EXPECT_NEAR(a, b, 1e-9 * std::max(std::abs(b), 1e-3)) << where;
    } else {
      EXPECT_TRUE(std::isnan(b) ? std::isnan(a) : a == b) << where << ": " << a;
    }
  }
}

// Runs the cases; what the library refuses must be an Error or NaN. Returns how many ran.
inline int run_golden_file(const std::filesystem::path& path,
                           const std::map<std::string, Metric>& metrics) {
  const std::string file = path.filename().string();
  std::ifstream stream(path);
  const Json golden = Json::parse(stream);
  int run = 0;
  for (const Json& entry : golden.at("cases")) {
    const auto name = entry.at("metric").get<std::string>();
    if (entry.at("library").get<std::string>().find("torchmetrics") == 0) continue;
    if (name != "mse" && entry.at("data") == "nearly_constant") continue;  // rounding noise
    const std::string where = file + " " + entry.at("data").get<std::string>() + " " + name;
    if (metrics.count(name) == 0) {
      ADD_FAILURE() << where << ": not tested";
      continue;
    }
    const Json& data = golden.at("data").at(entry.at("data").get<std::string>());
    Json options = entry.at("options");
    if (entry.contains("train"))
      options["train"] = golden.at("data").at(entry.at("train").get<std::string>());
    ++run;
    if (!entry.contains("raises")) {
      expect_equal(metrics.at(name)(data, options), entry.at("expected"), where);
      continue;
    }
    try {
      const Json value = metrics.at(name)(data, options);
      const Json& first = value.is_object() ? value.front() : value;
      EXPECT_TRUE(first.is_number() && std::isnan(first.get<double>())) << where << ": " << value;
    } catch (const Error&) {
    }
  }
  return run;
}

inline int run_golden(const std::string& file, const std::map<std::string, Metric>& metrics) {
  return run_golden_file(golden("metrics/" + file), metrics);
}

}  // namespace cohesin::testing
