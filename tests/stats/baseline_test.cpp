#include "cohesin/stats/baseline.h"

#include <algorithm>
#include <cmath>

#include "cohesin/base/philox.h"
#include "cohesin/stats/missing_fill.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

constexpr size_t kRna = 0, kMethylation = 1;

// Three classes, two modalities that both follow the same three hidden factors of a sample.
struct Cohort {
  std::vector<BlockData> blocks;
  std::vector<int64_t> labels;
};

Cohort make_cohort(size_t num_samples, uint64_t seed) {
  Cohort cohort{{{"rnaseq", Matrix(num_samples, 12)}, {"methylation", Matrix(num_samples, 20)}},
                {}};
  for (size_t i = 0; i < num_samples; ++i) {
    RandomStream random(seed, "cohort", i);
    cohort.labels.push_back(static_cast<int64_t>(i % 3));
    double factor[3];
    for (size_t k = 0; k < 3; ++k) factor[k] = (k == i % 3 ? 1.5 : 0.0) + 0.5 * random.normal();
    for (BlockData& block : cohort.blocks)
      for (size_t j = 0; j < block.values.num_columns; ++j)
        block.values.row(i)[j] = 10 * factor[j % 3] + 5 * random.normal();
  }
  return cohort;
}

Cohort rows_of(const Cohort& from, const std::vector<size_t>& rows) {
  Cohort picked;
  for (const BlockData& block : from.blocks)
    picked.blocks.push_back({block.name, pick_rows(block.values, rows)});
  for (const size_t row : rows) picked.labels.push_back(from.labels[row]);
  return picked;
}

void hide(Cohort& cohort, size_t modality, size_t row) {
  Matrix& values = cohort.blocks[modality].values;
  for (size_t j = 0; j < values.num_columns; ++j) values.row(row)[j] = std::nan("");
}

double accuracy(const std::vector<int64_t>& truth, const std::vector<int64_t>& predicted) {
  double right = 0;
  for (size_t i = 0; i < truth.size(); ++i) right += truth[i] == predicted[i];
  return right / static_cast<double>(truth.size());
}

double accuracy(const Cohort& cohort, const Matrix& probabilities) {
  std::vector<int64_t> predicted;
  for (size_t i = 0; i < probabilities.num_rows; ++i) {
    const double* row = probabilities.row(i);
    predicted.push_back(std::max_element(row, row + probabilities.num_columns) - row);
  }
  return accuracy(cohort.labels, predicted);
}

BaselineOptions options_for(const Cohort& cohort) {
  BaselineOptions options;
  options.num_classes = 3;
  options.inner_folds.resize(3);
  for (size_t row = 0; row < cohort.labels.size(); ++row)
    options.inner_folds[row / 3 % 3].push_back(row);
  options.inner_score = [](const auto& truth, const auto& predicted) {
    return accuracy(truth, predicted);
  };
  return options;
}

const std::vector<std::string> kNames = {"majority", "logistic", "logistic:rnaseq", "pca_logistic"};

TEST(EveryBaseline, GivesProbabilitiesAndSurvivesStorage) {
  Cohort training = make_cohort(90, 1), test = make_cohort(30, 2);
  hide(training, kMethylation, 4);
  hide(test, kRna, 5);
  for (const std::string& name : kNames) {
    const auto baseline = make_baseline(name);
    baseline->fit(training.blocks, training.labels, options_for(training));
    const Matrix probabilities = baseline->predict(test.blocks);
    ASSERT_EQ(probabilities.num_columns, 3) << name;
    for (size_t i = 0; i < probabilities.num_rows; ++i)
      EXPECT_NEAR(probabilities.row(i)[0] + probabilities.row(i)[1] + probabilities.row(i)[2], 1.0,
                  1e-12)
          << name;
    EXPECT_EQ(restore_baseline(baseline->state())->predict(test.blocks).values,
              probabilities.values)
        << name;
  }
}

TEST(LogisticBaseline, LearnsAndUsesBothModalities) {
  const Cohort training = make_cohort(120, 1), test = make_cohort(120, 2);
  const auto score = [&](const std::string& name) {
    const auto baseline = make_baseline(name);
    baseline->fit(training.blocks, training.labels, options_for(training));
    return accuracy(test, baseline->predict(test.blocks));
  };
  EXPECT_NEAR(score("majority"), 1.0 / 3, 1e-12);
  EXPECT_GT(score("logistic"), 0.85);
  EXPECT_GT(score("pca_logistic"), 0.85);
  EXPECT_GT(score("logistic:methylation"), 0.8);
}

TEST(LogisticBaseline, FillsAHiddenModalityFromTheOtherInsteadOfWithTheMean) {
  const Cohort training = make_cohort(120, 1), test = make_cohort(120, 2);
  const auto baseline = make_baseline("logistic");
  baseline->fit(training.blocks, training.labels, options_for(training));
  const double both = accuracy(test, baseline->predict(test.blocks));
  const double hidden = accuracy(test, baseline->predict({test.blocks[kRna]}));
  EXPECT_GT(hidden, both - 0.1);
  // A modality left out and a modality of absent rows are the same thing.
  Cohort absent = test;
  for (size_t row = 0; row < test.labels.size(); ++row) hide(absent, kMethylation, row);
  EXPECT_EQ(baseline->predict(absent.blocks).values, baseline->predict({test.blocks[kRna]}).values);
}

TEST(LogisticBaseline, ASampleWithoutAnyInputGetsTheClassShares) {
  Cohort cohort = make_cohort(30, 1);
  hide(cohort, kRna, 7);
  const auto baseline = make_baseline("logistic:rnaseq");
  baseline->fit(cohort.blocks, cohort.labels, options_for(cohort));
  const Matrix probabilities = baseline->predict(cohort.blocks);
  EXPECT_NEAR(probabilities.row(7)[0], 1.0 / 3, 1e-12);
  EXPECT_GT(probabilities.row(6)[0], 0.4);
}

TEST(LogisticBaseline, DoesNotSeeThePredictedSamplesWhenItFits) {
  Cohort cohort = make_cohort(60, 1);
  std::vector<size_t> training_rows, test_rows;
  for (size_t row = 0; row < 60; ++row) (row < 45 ? training_rows : test_rows).push_back(row);
  const Cohort training = rows_of(cohort, training_rows);
  const auto fitted = [&] {
    auto baseline = make_baseline("logistic");
    baseline->fit(training.blocks, training.labels, options_for(training));
    return baseline;
  };
  const Cohort one = rows_of(cohort, {50}), many = rows_of(cohort, test_rows);
  const Matrix alone = fitted()->predict(one.blocks);
  const Matrix together = fitted()->predict(many.blocks);
  for (size_t k = 0; k < 3; ++k) EXPECT_NEAR(alone.row(0)[k], together.row(5)[k], 1e-12);
}

TEST(MakeBaseline, NamesTheNearestMember) {
  EXPECT_ERROR(make_baseline("logistics"), "the nearest is 'logistic'");
  const Cohort cohort = make_cohort(12, 1);
  const auto baseline = make_baseline("logistic:rnasek");
  EXPECT_ERROR(baseline->fit(cohort.blocks, cohort.labels, options_for(cohort)),
               "the nearest is 'rnaseq'");
}

TEST(Baseline, RefusesDataThatDoNotFitTogether) {
  const Cohort cohort = make_cohort(12, 1);
  const auto baseline = make_baseline("logistic");
  EXPECT_ERROR(baseline->fit(cohort.blocks, std::vector<int64_t>{0, 1}, options_for(cohort)),
               "has 12 samples");
  EXPECT_ERROR(baseline->fit({}, cohort.labels, options_for(cohort)), "at least one modality");
  std::vector<int64_t> labels = cohort.labels;
  labels[3] = 3;
  EXPECT_ERROR(baseline->fit(cohort.blocks, labels, options_for(cohort)), "label 3 is outside");
  baseline->fit(cohort.blocks, cohort.labels, options_for(cohort));
  EXPECT_ERROR(baseline->predict({{"rnaseq", Matrix(2, 3)}}), "fitted on 12 features, got 3");
}

TEST(RestoreBaseline, NamesWhatIsMissingOrMisshapen) {
  const Cohort cohort = make_cohort(30, 1);
  const auto baseline = make_baseline("logistic");
  baseline->fit(cohort.blocks, cohort.labels, options_for(cohort));
  BaselineState state = baseline->state();
  state.arrays.at("intercept") = {{2}, {0, 0}};
  EXPECT_ERROR(restore_baseline(state), "'intercept' has 2 values, needs 3");
  state.arrays.erase("intercept");
  EXPECT_ERROR(restore_baseline(state), "has no array 'intercept'");
}

TEST(MissingFill, PrefersAllOtherModalitiesAndElseAveragesSingleOnes) {
  // Modality 2 is the sum of modalities 0 and 1.
  std::vector<Matrix> blocks(3, Matrix(3000, 1));
  for (size_t i = 0; i < 3000; ++i) {
    RandomStream random(3, "fill", i);
    for (size_t m = 0; m < 2; ++m) blocks[m].row(i)[0] = random.normal();
    blocks[2].row(i)[0] = blocks[0].row(i)[0] + blocks[1].row(i)[0];
  }
  const std::vector<std::vector<bool>> all(3, std::vector<bool>(3000, true));
  const MissingFill fill = fit_missing_fill(blocks, all);
  std::vector<Matrix> one = {Matrix(1, 1, 0.8), Matrix(1, 1, -0.3), Matrix(1, 1, 9.0)};
  fill_missing(fill, one, {{true}, {true}, {false}});
  EXPECT_NEAR(one[2].values[0], 0.5, 0.02);
  one = {Matrix(1, 1, 0.8), Matrix(1, 1, 9.0), Matrix(1, 1, 9.0)};
  fill_missing(fill, one, {{true}, {false}, {false}});
  EXPECT_NEAR(one[2].values[0], 0.8, 0.1);
  one = {Matrix(1, 1, 9.0), Matrix(1, 1, 9.0), Matrix(1, 1, 9.0)};
  fill_missing(fill, one, {{false}, {false}, {false}});
  EXPECT_EQ(one[2].values[0], 0.0);
}

TEST(CoxBaseline, AnInnerFoldWithoutEventsIsNoFailure) {
  Matrix values(6, 2);
  for (size_t i = 0; i < 6; ++i) values.row(i)[0] = static_cast<double>(i * i);
  const BaselineTargets targets({6, 5, 4, 3, 2, 1}, {0, 0, 0, 0, 1, 1});
  BaselineOptions options;
  options.inner_folds = {{4, 5}, {0, 1}, {2, 3}};  // without the first, nobody dies
  options.inner_risk_score = [](const BaselineTargets&, const std::vector<double>&) { return 0.5; };
  const auto baseline = make_baseline("cox");
  baseline->fit({{"rnaseq", values}}, targets, options);
  const Matrix risk = baseline->predict({{"rnaseq", values}});
  ASSERT_EQ(risk.num_columns, 1U);
  EXPECT_GT(risk.row(5)[0], risk.row(0)[0]);
  EXPECT_EQ(restore_baseline(baseline->state())->predict({{"rnaseq", values}}).values, risk.values);
}

}  // namespace
}  // namespace cohesin
