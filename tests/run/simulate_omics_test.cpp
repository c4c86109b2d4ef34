#include "cohesin/run/simulate_omics.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cohesin/io/text_reader.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using cohesin::testing::TempFolder;

SimulateOmicsOptions small() {
  SimulateOmicsOptions options;
  options.num_samples = 60;
  options.num_genes = 50;
  return options;
}

std::string bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Mean over samples of a class (or of all others) of f(sample).
template <typename F>
double mean_in(const SimulatedCohort& cohort, int64_t k, bool inside, F&& f) {
  double sum = 0;
  int n = 0;
  for (size_t i = 0; i < cohort.samples.size(); ++i)
    if ((cohort.class_of[i] == k) == inside) sum += f(i), ++n;
  return sum / n;
}

TEST(SimulateOmics, WritesTheFilesItPromises) {
  const TempFolder folder;
  simulate_omics(small(), folder / "sim", false);
  const auto lines = [&](const std::string& name) {
    TextReader reader(folder / ("sim/" + name));
    std::vector<std::string> all;
    for (std::string line; reader.next_line(line);) all.push_back(line);
    return all;
  };
  EXPECT_EQ(lines("rnaseq.tsv.gz").size(), 1U + 60 - 6);
  EXPECT_EQ(lines("methylation.tsv.gz").size(), 1U + 60 - 6);
  EXPECT_EQ(lines("rnaseq.tsv.gz")[0].substr(0, 24), "sample\tGENE0001\tGENE0002");
  EXPECT_EQ(lines("labels.tsv").size(), 61U);
  EXPECT_EQ(lines("labels.tsv")[0], "sample\tpatient\tclass\ttime_days\tevent\tbatch");
  EXPECT_EQ(lines("folds.tsv").size(), 61U);
  const auto truth = nlohmann::json::parse(bytes(folder / "sim/truth.json"));
  EXPECT_EQ(truth["classes"].size(), 3U);
  EXPECT_EQ(truth["without_rnaseq"].size(), 6U);
  EXPECT_EQ(truth["settings"]["genes"], 50);
}

TEST(SimulateOmics, SameSeedSameBytesOtherSeedOtherBytes) {
  const TempFolder folder;
  auto options = small();
  simulate_omics(options, folder / "a", false);
  simulate_omics(options, folder / "b", false);
  options.seed = 1;
  simulate_omics(options, folder / "c", false);
  for (const auto& entry : std::filesystem::directory_iterator(folder / "a")) {
    const auto name = entry.path().filename();
    EXPECT_EQ(bytes(entry), bytes(folder / "b" / name)) << name;
    EXPECT_NE(bytes(entry), bytes(folder / "c" / name)) << name;
  }
}

TEST(SimulateOmics, NeverOverwritesUnasked) {
  const TempFolder folder;
  simulate_omics(small(), folder / "sim", false);
  EXPECT_ERROR(simulate_omics(small(), folder / "sim", false), "--force");
  simulate_omics(small(), folder / "sim", true);
}

TEST(SimulatedCohort, ValuesAreOfTheirUnits) {
  const auto cohort = simulate_cohort(small());
  EXPECT_TRUE(std::all_of(cohort.tpm.begin(), cohort.tpm.end(), [](double x) { return x >= 0; }));
  EXPECT_GT(std::count(cohort.tpm.begin(), cohort.tpm.end(), 0.0), 0);
  EXPECT_TRUE(
      std::all_of(cohort.beta.begin(), cohort.beta.end(), [](double x) { return x > 0 && x < 1; }));
  for (const double days : cohort.time_days) EXPECT_EQ(days, std::max(1.0, std::floor(days)));
}

TEST(SimulatedCohort, APatientStandsInOneFoldAndEveryFoldHasEveryClass) {
  const auto cohort = simulate_cohort(small());
  std::map<std::string, std::set<int64_t>> folds;
  std::set<std::pair<int64_t, int64_t>> cells;
  for (size_t i = 0; i < cohort.samples.size(); ++i) {
    folds[cohort.patients[i]].insert(cohort.fold_of[i]);
    cells.emplace(cohort.fold_of[i], cohort.class_of[i]);
  }
  EXPECT_EQ(folds.size(), 57U);  // three patients gave two samples
  for (const auto& [patient, of_patient] : folds) EXPECT_EQ(of_patient.size(), 1U) << patient;
  EXPECT_EQ(cells.size(), 15U);
}

TEST(SimulatedCohort, NoSampleLacksBothOmics) {
  auto options = small();
  options.missing_fraction = 0.9;
  const auto cohort = simulate_cohort(options);
  for (const int64_t sample : cohort.without_rnaseq)
    EXPECT_FALSE(std::binary_search(cohort.without_methylation.begin(),
                                    cohort.without_methylation.end(), sample));
  EXPECT_EQ(cohort.without_rnaseq.size() + cohort.without_methylation.size(), 54U);
}

TEST(SimulatedCohort, SilencingShowsInTheJointStateAndNotInTheMarginals) {
  SimulateOmicsOptions options;
  options.num_samples = 3000;
  options.num_genes = 60;
  options.batch_effect = 0;
  const auto cohort = simulate_cohort(options);
  EXPECT_TRUE(cohort.classes[0].silenced_genes.empty());
  EXPECT_EQ(cohort.classes[1].silenced_genes.size(), 12U);
  ASSERT_EQ(cohort.classes[2].silenced_genes.size(), 24U);
  for (const int64_t gene : cohort.classes[2].silenced_genes) {
    const auto at = [&](size_t i) { return i * cohort.genes.size() + static_cast<size_t>(gene); };
    const auto expression = [&](size_t i) { return std::log2(cohort.tpm[at(i)] + 1); };
    const auto methylation = [&](size_t i) { return cohort.beta[at(i)]; };
    const double middle_expression = mean_in(cohort, -1, false, expression);
    const double middle_methylation = mean_in(cohort, -1, false, methylation);
    const auto product = [&](size_t i) {
      return (expression(i) - middle_expression) * (methylation(i) - middle_methylation);
    };
    for (int64_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(mean_in(cohort, k, true, expression), middle_expression, 0.3);
      EXPECT_NEAR(mean_in(cohort, k, true, methylation), middle_methylation, 0.05);
    }
    EXPECT_LT(mean_in(cohort, 2, true, product), -0.15);
    EXPECT_NEAR(mean_in(cohort, 0, true, product), 0, 0.06);
  }
}

TEST(SimulatedCohort, RefusesWhatCannotBe) {
  const auto simulate = [](auto&& change) {
    auto options = small();
    change(options);
    return simulate_cohort(options);
  };
  EXPECT_ERROR(simulate([](auto& o) { o.num_classes = 1; }), "--classes is 1");
  EXPECT_ERROR(simulate([](auto& o) { o.num_samples = 12; }), "--samples 12 are too few");
  EXPECT_ERROR(simulate([](auto& o) { o.num_genes = 5; }), "--genes 5 are too few");
  EXPECT_ERROR(simulate([](auto& o) { o.coupled_genes = 40; }), "--genes 50 are too few");
  EXPECT_ERROR(simulate([](auto& o) { o.missing_fraction = 1; }), "--missing-fraction is 1");
  EXPECT_ERROR(simulate([](auto& o) { o.coupling = -0.1; }), "--coupling is -0.1");
}

}  // namespace
}  // namespace cohesin
