#include "cohesin/run/split_samples.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "cohesin/base/philox.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

// 60 patients, every fourth with two samples; classes a, b, c as 30 : 20 : 10.
Frame make_obs() {
  Frame obs;
  std::vector<std::string> patients, classes;
  for (int p = 0; p < 60; ++p) {
    for (int sample = 0; sample < (p % 4 == 0 ? 2 : 1); ++sample) {
      obs.index.push_back(fmt::format("p{}s{}", p, sample));
      patients.push_back(fmt::format("p{}", p));
      classes.push_back(p < 30 ? "a" : p < 50 ? "b" : "c");
    }
  }
  obs.set({"patient", patients});
  obs.set({"class", classes});
  return obs;
}

SplitResult split(const Frame& obs, SplitOptions options) {
  return split_samples(obs, options, "cohort.h5mu");
}

TEST(SplitSamples, NoPatientStandsOnTwoSidesAndClassesAreEven) {
  const Frame obs = make_obs();
  SplitOptions options;
  options.folds = 5;
  options.stratify = "class";
  const SplitResult result = split(obs, options);
  std::map<std::string, std::set<std::string>> folds_of_patient;
  std::map<std::string, std::map<std::string, int>> count;  // class, fold
  for (size_t i = 0; i < obs.num_rows(); ++i) {
    folds_of_patient[obs.at("patient", "").text()[i]].insert(result.split.parts[i]);
    ++count[obs.at("class", "").text()[i]][result.split.parts[i]];
  }
  for (const auto& [patient, folds] : folds_of_patient) EXPECT_EQ(folds.size(), 1U) << patient;
  for (const auto& [name, folds] : count) {
    EXPECT_EQ(folds.size(), 5U);
    int least = 100, most = 0;
    for (const auto& [fold, samples] : folds) {
      least = std::min(least, samples);
      most = std::max(most, samples);
    }
    EXPECT_LE(most - least, 1) << name;
  }
  EXPECT_EQ(result.split.part_names(), (std::vector<std::string>{"0", "1", "2", "3", "4"}));
}

TEST(SplitSamples, DependsOnSeedAndNamesNotOnTheOrderOfSamples) {
  const Frame obs = make_obs();
  SplitOptions options;
  options.folds = 3;
  options.stratify = "class";
  const SplitResult result = split(obs, options);
  Frame shuffled;
  std::vector<std::string> patients, classes;
  const auto order = RandomStream(1, "test").permutation(static_cast<int64_t>(obs.num_rows()));
  for (const int64_t i : order) {
    shuffled.index.push_back(obs.index[static_cast<size_t>(i)]);
    patients.push_back(obs.at("patient", "").text()[static_cast<size_t>(i)]);
    classes.push_back(obs.at("class", "").text()[static_cast<size_t>(i)]);
  }
  shuffled.set({"patient", patients});
  shuffled.set({"class", classes});
  const SplitResult other = split(shuffled, options);
  for (size_t i = 0; i < order.size(); ++i)
    EXPECT_EQ(other.split.parts[i], result.split.parts[static_cast<size_t>(order[i])]);
  options.seed = 1;
  EXPECT_NE(split(obs, options).split.parts, result.split.parts);
}

TEST(SplitSamples, FractionsAreKeptWithinEachClass) {
  SplitOptions options;
  options.fractions = {0.8, 0.1, 0.1};
  options.stratify = "class";
  const SplitResult result = split(make_obs(), options);
  std::map<std::string, int> count;
  for (const auto& part : result.split.parts) ++count[part];
  EXPECT_NEAR(count["train"], 60, 2);
  EXPECT_NEAR(count["valid"], 7.5, 1.5);
  EXPECT_NEAR(count["test"], 7.5, 1.5);
  EXPECT_EQ(result.split.column, "split");
  options.fractions = {0.7, 0.3};
  EXPECT_EQ(split(make_obs(), options).split.part_names(),
            (std::vector<std::string>{"train", "test"}));
}

TEST(SplitSamples, SamplesWithoutLabelAreSpreadToo) {
  Frame obs = make_obs();
  auto classes = obs.at("class", "").text();
  for (size_t i = 0; i < 20; ++i) classes[i] = "";
  obs.set({"class", classes});
  SplitOptions options;
  options.folds = 2;
  options.stratify = "class";
  const SplitResult result = split(obs, options);
  EXPECT_EQ(std::count(result.split.parts.begin(), result.split.parts.begin() + 20, "0"), 10);
  EXPECT_NE(describe_split(result).find("(no label)"), std::string::npos);
}

TEST(SplitSamples, OneClassAndAClassSmallerThanTheFoldsAreErrors) {
  Frame obs = make_obs();
  SplitOptions options;
  options.folds = 12;
  options.stratify = "class";
  EXPECT_ERROR(split(obs, options),
               "class 'c' of column 'class' has 10 groups (patients), fewer than the 12 folds");
  obs.set({"class", std::vector<std::string>(obs.num_rows(), "a")});
  EXPECT_ERROR(split(obs, options), "one class only ('a')");
  obs.set({"class", std::vector<std::string>(obs.num_rows())});
  EXPECT_ERROR(split(obs, options), "is empty for all samples");
  options.stratify = "klass";
  EXPECT_ERROR(split(obs, options), "no column 'klass' (did you mean 'class'?)");
}

TEST(SplitSamples, SettingsThatCannotWorkAreErrors) {
  const Frame obs = make_obs();
  SplitOptions options;
  EXPECT_ERROR(split(obs, options), "pass either --folds K or --fractions");
  options.folds = 1;
  EXPECT_ERROR(split(obs, options), "at least 2");
  options.folds = 61;
  EXPECT_ERROR(split(obs, options), "has 60 groups (patients), fewer than the 61 folds");
  options.folds = 0;
  options.fractions = {0.8, 0.3};
  EXPECT_ERROR(split(obs, options), "that sum to 1");
  options.fractions = {0.999, 0.001};
  EXPECT_ERROR(split(obs, options), "a part would be empty");
}

TEST(SplitSamples, WithoutPatientsTheBarcodeGroups) {
  Frame obs;
  for (int i = 0; i < 10; ++i) {
    obs.index.push_back(fmt::format("TCGA-A1-A00{}-01A", i));
    obs.index.push_back(fmt::format("TCGA-A1-A00{}-11A", i));
  }
  SplitOptions options;
  options.folds = 5;
  const auto parts = split(obs, options).split.parts;
  for (size_t i = 0; i < parts.size(); i += 2) EXPECT_EQ(parts[i], parts[i + 1]);
}

}  // namespace
}  // namespace cohesin
