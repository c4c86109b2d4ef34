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
  options.stratify = {"class"};
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
  options.stratify = {"class"};
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
  options.stratify = {"class"};
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
  options.stratify = {"class"};
  const SplitResult result = split(obs, options);
  EXPECT_EQ(std::count(result.split.parts.begin(), result.split.parts.begin() + 20, "0"), 10);
  EXPECT_NE(describe_split(result).find("(no label)"), std::string::npos);
}

TEST(SplitSamples, OneClassAndAClassSmallerThanTheFoldsAreErrors) {
  Frame obs = make_obs();
  SplitOptions options;
  options.folds = 12;
  options.stratify = {"class"};
  EXPECT_ERROR(split(obs, options),
               "class 'c' of column 'class' has 10 groups (patients), fewer than the 12 folds");
  obs.set({"class", std::vector<std::string>(obs.num_rows(), "a")});
  EXPECT_ERROR(split(obs, options), "one class only ('a')");
  obs.set({"class", std::vector<std::string>(obs.num_rows())});
  EXPECT_ERROR(split(obs, options), "is empty for all samples");
  options.stratify = {"klass"};
  EXPECT_ERROR(split(obs, options), "no column 'klass' (did you mean 'class'?)");
}

TEST(SplitSamples, SettingsThatCannotWorkAreErrors) {
  const Frame obs = make_obs();
  SplitOptions options;
  EXPECT_ERROR(split(obs, options), "pass one of --folds K, --fractions");
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

// 40 patients of two sites, one with two samples; a third site with four, a fourth with three.
Frame make_sites() {
  Frame obs;
  for (int p = 0; p < 40; ++p)
    obs.index.push_back(fmt::format("TCGA-{}-{:04}-01A", p < 25 ? "A1" : "B2", p));
  obs.index.emplace_back("TCGA-A1-0000-02A");
  for (int p = 0; p < 4; ++p) obs.index.push_back(fmt::format("TCGA-C3-{:04}-01A", p));
  for (int p = 0; p < 3; ++p) obs.index.push_back(fmt::format("TCGA-D4-{:04}-01A", p));
  return obs;
}

TEST(SplitSamples, LeavingOutSitesPoolsSmallOnes) {
  SplitOptions options;
  options.leave_out = "site";
  options.min_size = 5;
  const SplitResult result = split(make_sites(), options);
  std::map<std::string, int> size;
  for (const auto& part : result.split.parts) ++size[part];
  EXPECT_EQ(size, (std::map<std::string, int>{{"A1", 26}, {"B2", 15}, {"pooled", 7}}));
  EXPECT_EQ(result.pooled, (std::vector<std::string>{"C3", "D4"}));
  EXPECT_NE(describe_split(result).find("pooled: C3, D4"), std::string::npos);
  options.min_size = 100;
  EXPECT_ERROR(split(make_sites(), options), "gives 1 fold of 100 samples at least (4 values are");
}

TEST(SplitSamples, LeavingOutAColumnKeepsPatientsWhole) {
  Frame obs = make_obs();
  std::vector<std::string> hospital(obs.num_rows());
  for (size_t i = 0; i < hospital.size(); ++i) hospital[i] = i % 40 < 20 ? "St. John/1" : "other";
  hospital.back() = "";
  SplitOptions options;
  options.leave_out = "hospital";
  options.group = "hospital";
  options.min_size = 1;
  obs.set({"hospital", hospital});
  const SplitResult result = split(obs, options);
  EXPECT_EQ(result.split.part_names(), (std::vector<std::string>{"St._John_1", "other"}));
  EXPECT_EQ(result.unassigned, std::vector<std::string>{obs.index.back()});
  EXPECT_EQ(result.split.samples.size(), obs.num_rows() - 1);
  hospital[0] = "other";  // p0s1 is in the first
  obs.set({"hospital", hospital});
  options.group = "patient";
  EXPECT_ERROR(split(obs, options), "patient 'p0' stands in 'other' and in 'St. John/1'");
  hospital.assign(obs.num_rows(), "a/b");
  hospital.back() = "a b";
  obs.set({"hospital", hospital});
  EXPECT_ERROR(split(obs, options), "would both be the fold 'a_b'");
  options.leave_out = "site";
  EXPECT_ERROR(split(obs, options), "has no column 'site', and its samples are no TCGA barcodes");
  options.folds = 3;
  EXPECT_ERROR(split(obs, options), "pass one of --folds K, --fractions");
}

TEST(SplitSamples, SeveralColumnsAreSpreadTogetherAndSmallCombinationsGoWithTheCommonest) {
  Frame obs = make_obs();
  std::vector<double> event;
  for (size_t i = 0; i < obs.num_rows(); ++i) event.push_back(i % 3 == 0 ? 1 : 0);
  for (size_t i = 0; i < obs.num_rows(); ++i)
    if (obs.at("class", "").text()[i] == "c") event[i] = i + 2 < obs.num_rows() ? 0 : 1;
  obs.set({"event", event});
  SplitOptions options;
  options.folds = 5;
  options.stratify = {"class", "event"};
  const SplitResult result = split(obs, options);
  std::map<std::string, std::map<std::string, int>> count;
  for (size_t i = 0; i < obs.num_rows(); ++i) ++count[result.classes[i]][result.split.parts[i]];
  EXPECT_EQ(count.size(), 5U);
  EXPECT_EQ(count.count("c, 1"), 0U);  // two samples: they go with "c, 0"
  for (const std::string name : {"a, 0", "a, 1", "b, 0", "b, 1"}) {
    int least = 100, most = 0;
    for (const auto& part : {"0", "1", "2", "3", "4"}) {
      least = std::min(least, count[name][part]);
      most = std::max(most, count[name][part]);
    }
    EXPECT_LE(most - least, 2) << name;  // patients with two samples stay whole
  }
}

}  // namespace
}  // namespace cohesin
