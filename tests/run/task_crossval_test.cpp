// Cross-validations of every task that a head can be asked.
#include <gmock/gmock.h>

#include <cmath>

#include "cohesin/base/file.h"
#include "cohesin/io/predictions.h"
#include "cohesin/run/answer.h"
#include "cohesin/run/crossval.h"
#include "cohesin/run/score.h"
#include "tests/run/crossval_workplace.h"

namespace cohesin {
namespace {

using testing::kModel;
using testing::Workplace;

std::string wide_recipe(const std::string& task, const std::string& more = "") {
  return "{" + kModel + R"(, "task": {"deep_path": false, "linear_path": true, "shallow_path": true,
      "shallow_hidden_size": 8, )" +
         task + R"(}, "train": {"epochs": 80, "batch_size": 64,
      "learning_rate": 0.02, "validation_fraction": 0, "single_modality_weight": 0.5,
      "checkpoint_every_steps": 1000)" +
         more + "}}";
}

double score(const PredictionTable& table, const std::string& metric) {
  const auto groups = score_predictions(table, "predictions.tsv");
  for (const auto& [name, summary] : groups.front().metrics)
    if (name == metric) return summary.mean;
  throw Error("no metric {}", metric);
}

// Columns beside those of the fixture: `age` follows the class, `stage` says it outright.
void add_clinic(Workplace& work) {
  auto cohort = std::make_shared<MultiOmics>(*work.cohort);
  std::vector<double> age;
  std::vector<std::string> stage, project;
  for (size_t s = 0; s < cohort->num_samples(); ++s) {
    age.push_back(s == 5 ? std::nan("") : (s % 2 == 0 ? 40.0 : 70.0) + static_cast<double>(s % 7));
    stage.push_back(s == 4 ? "" : s % 2 == 0 ? "III" : "I");
    project.push_back(s % 4 < 2 ? "LGG" : "GBM");
  }
  cohort->obs.set({"age", age});
  cohort->obs.set({"stage", stage});
  cohort->obs.set({"cohort", project});
  work.cohort = cohort;
  write_h5mu(*cohort, work.folder / "cohort.h5mu");
}

PredictionTable cross_validated(Workplace& work, const std::string& recipe) {
  work.folder.write("recipe.json", recipe);
  CrossvalOptions options = work.options("out");
  options.force = true;
  cross_validate(options);
  return read_predictions(work.folder / "out" / "predictions.tsv");
}

TEST(TaskCrossval, SurvivalHasProbabilitiesAtItsHorizonsAndScoresByCohort) {
  Workplace work("", 60);
  add_clinic(work);
  const auto table =
      cross_validated(work, wide_recipe(R"("name": "survival", "horizons_days": [200, 920])"));
  const SurvivalPredictions& rows = table.survival.value();
  ASSERT_EQ(rows.horizons_days, (std::vector<double>{200, 920}));
  for (size_t i = 0; i < table.num_rows(); ++i) {
    EXPECT_LE(rows.survival[2 * i + 1], rows.survival[2 * i]);
    EXPECT_LE(rows.survival[2 * i], 1);
  }
  EXPECT_GT(score(table, "c_index"), 0.7);
  EXPECT_GT(score(table, "c_index_ipcw"), 0.7);
  EXPECT_GT(score(table, "auc_200"), 0.8);
  EXPECT_LT(score(table, "brier_200"), 0.25);
  EXPECT_LT(score(table, "integrated_brier_score"), 0.25);
  EXPECT_GT(score(table, "c_index_weighted"), 0.6);
  EXPECT_GT(score(table, "c_index:LGG"), 0.6);
}

TEST(TaskCrossval, DiscreteHazardsRankAsWell) {
  Workplace work("", 60);
  const auto table =
      cross_validated(work, wide_recipe(R"("name": "survival", "hazard": "discrete", "intervals": 4,
                           "horizons_days": [200])"));
  EXPECT_GT(score(table, "c_index"), 0.7);
  EXPECT_GT(score(table, "auc_200"), 0.8);
}

TEST(TaskCrossval, RegressionPredictsInTheUnitsOfItsColumns) {
  Workplace work("", 60);
  add_clinic(work);
  const auto table = cross_validated(work, wide_recipe(R"("name": "regression",
      "values": ["age"])"));
  const ValuePredictions& rows = table.values.value();
  EXPECT_EQ(rows.names, std::vector<std::string>{"age"});
  EXPECT_GT(score(table, "pearson"), 0.6);
  double mean = 0;
  for (const double value : rows.predicted)
    mean += value / static_cast<double>(rows.predicted.size());
  EXPECT_NEAR(mean, 58, 5);
}

TEST(TaskCrossval, AJointTaskAnswersAllItsKinds) {
  Workplace work("", 60);
  add_clinic(work);
  for (const char* weighting : {"uncertainty", "equal"}) {
    const auto table = cross_validated(
        work, wide_recipe(fmt::format(R"("name": "joint", "weighting": "{}", "target": "class",
            "kinds": ["classification", "survival", "regression"], "values": ["age"])",
                                      weighting)));
    EXPECT_EQ(task_name(table), "joint");
    EXPECT_GT(score(table, "accuracy"), 0.7) << weighting;
    EXPECT_GT(score(table, "c_index"), 0.7) << weighting;
    EXPECT_GT(score(table, "pearson"), 0.5) << weighting;
  }
}

TEST(TaskCrossval, CovariatesJoinAndCanBeHidden) {
  Workplace work("", 60);
  add_clinic(work);
  work.folder.write("recipe.json", [&] {
    std::string text = wide_recipe(R"("name": "survival", "covariates": ["age", "stage"])");
    text.insert(text.rfind('}'), R"(, "baselines": ["cox", "cox:covariates"])");
    return text;
  }());
  CrossvalOptions options = work.options("out");
  options.without = {"covariates"};
  cross_validate(options);
  const auto table = read_predictions(work.folder / "out" / "predictions.tsv");
  EXPECT_EQ(table.modalities.front(), "rnaseq,methylation,covariates");
  EXPECT_EQ(table.modalities.back(), "rnaseq,methylation");
  EXPECT_GT(score(table, "c_index"), 0.7);
  const auto clinical =
      read_predictions(work.folder / "out" / "baselines" / "cox-covariates" / "predictions.tsv");
  EXPECT_GT(score(clinical, "c_index"), 0.7);
  EXPECT_EQ(clinical.survival.value().survival.size(), 3 * clinical.num_rows());
}

TEST(TaskCrossval, ACovariateLevelThatTrainingDidNotHaveIsToldAndCountsAsNotKnown) {
  Workplace work("", 40);
  add_clinic(work);
  cross_validated(work, wide_recipe(R"("name": "survival", "covariates": ["stage"])"));
  auto other = std::make_shared<MultiOmics>(*work.cohort);
  std::vector<std::string> stage(other->num_samples(), "IV");
  other->obs.set({"stage", stage});
  AnswerOptions answer;
  answer.checkpoint = work.folder / "out" / "fold_0";
  ::testing::internal::CaptureStderr();
  const auto table = predict_cohort(answer, other, {0});
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), ::testing::HasSubstr("'stage': 'IV'"));
  EXPECT_EQ(table.modalities, std::vector<std::string>{"rnaseq,methylation"});
}

TEST(TaskCrossval, ConsistencyTrainsWithEitherPath) {
  Workplace work("", 40);
  const std::string shallow = wide_recipe(R"("name": "classification", "target": "class")",
                                          R"(, "consistency": "infonce")");
  EXPECT_GT(score(cross_validated(work, shallow), "accuracy"), 0.7);
  const std::string deep = "{" + kModel + R"(, "task": {"name": "classification",
      "target": "class", "hidden_sizes": [8]}, "train": {"epochs": 2, "batch_size": 16,
      "consistency": "cosine", "single_modality_weight": 1}})";
  EXPECT_EQ(cross_validated(work, deep).num_rows(), 80U);
  const std::string frozen = "{" + kModel + R"(, "task": {"name": "classification",
      "target": "class", "hidden_sizes": [8]}, "train": {"epochs": 2, "freeze": "all",
      "consistency": "infonce"}})";
  EXPECT_ERROR(cross_validated(work, frozen), "needs an embedding that is trained");
}

TEST(TaskCrossval, PredictionsComeWithConformalSetsAndSayWhatIsUnusual) {
  Workplace work("", 60);
  work.folder.write("recipe.json", "{" + kModel + R"(, "task": {"name": "classification",
      "target": "class", "deep_path": false, "shallow_path": true}, "train": {"epochs": 40,
      "batch_size": 64, "learning_rate": 0.01, "validation_fraction": 0.3}})");
  cross_validate(work.options("out"));
  const auto table = read_predictions(work.folder / "out" / "predictions.tsv");
  ASSERT_EQ(table.classes.value().coverage, 0.9);
  size_t holds = 0;
  for (size_t i = 0; i < table.num_rows(); ++i)
    if (table.classes->set[i].find(table.classes->label[i]) != std::string::npos) ++holds;
  EXPECT_GT(static_cast<double>(holds) / static_cast<double>(table.num_rows()), 0.75);
  // A sample like none before, by a crossval folder: all folds answer together.
  auto strange = std::make_shared<MultiOmics>(*work.cohort);
  for (size_t g = 0; g < 12; ++g) strange->modalities[0].table.values[g] = g % 2 == 0 ? 1e5F : 0.0F;
  AnswerOptions answer;
  answer.checkpoint = work.folder / "out";
  answer.coverage = 0.6;
  ::testing::internal::CaptureStderr();
  const auto again = predict_cohort(answer, strange, {0, 2});
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              ::testing::HasSubstr("1 samples lie further off than any training sample"));
  EXPECT_EQ(again.unusual, (std::vector<std::string>{"rnaseq", ""}));
  EXPECT_EQ(again.classes.value().coverage, 0.6);
}

TEST(TaskCrossval, TheModelOnOneModalityAloneIsABaseline) {
  Workplace work("", 30);
  std::string text = wide_recipe(R"("name": "classification", "target": "class")");
  text.insert(text.rfind('}'), R"(, "baselines": ["model:rnaseq", "logistic"])");
  work.folder.write("recipe.json", text);
  cross_validate(work.options("out"));
  const auto alone =
      read_predictions(work.folder / "out" / "baselines" / "model-rnaseq" / "predictions.tsv");
  EXPECT_EQ(alone.num_rows(), 30U);
  EXPECT_EQ(alone.modalities.front(), "rnaseq");
  const std::string page = read_text(work.folder / "out" / "report.html");
  EXPECT_THAT(page, ::testing::HasSubstr("with a modality missing"));
  EXPECT_THAT(page, ::testing::HasSubstr("model:rnaseq"));
  AnswerOptions answer;
  answer.checkpoint = work.folder / "out";
  answer.member = "baseline:model:rnaseq";
  EXPECT_EQ(predict_cohort(answer, work.cohort, {0}).modalities.front(), "rnaseq");
  work.folder.write("recipe.json", [&] {
    std::string wrong = text;
    wrong.replace(wrong.find("model:rnaseq"), 12, "model:rnasek");
    return wrong;
  }());
  EXPECT_ERROR(cross_validate(work.options("other")), "rnasek");
}

TEST(TaskCrossval, ACohortReadInPartsIsPredictedTheSame) {
  Workplace work("", 30);
  std::string text = wide_recipe(R"("name": "classification", "target": "class")");
  text.insert(text.rfind('}'), R"(, "baselines": ["logistic"])");
  cross_validated(work, text);
  AnswerOptions answer;
  answer.checkpoint = work.folder / "out";
  answer.without = {"rnaseq"};
  for (const char* member : {"", "fold_0", "baseline:logistic"}) {
    answer.member = member;
    const auto whole = predict_cohort(answer, work.cohort, testing::all_samples(*work.cohort));
    // Parts of one: s1, which has RNA-seq alone, is a part without an answer.
    for (const size_t size : {1, 7, 30, 100}) {
      const auto parts = predict_file(answer, work.folder / "cohort.h5mu", size);
      ASSERT_EQ(parts.sample, whole.sample) << member << size;
      EXPECT_EQ(parts.hidden, whole.hidden);
      EXPECT_EQ(parts.unusual, whole.unusual);
      double worst = 0;  // batches of other sizes round otherwise
      for (size_t i = 0; i < whole.classes->probability.size(); ++i)
        worst = std::max(worst,
                         std::abs(parts.classes->probability[i] - whole.classes->probability[i]));
      EXPECT_LT(worst, 1e-6) << member << size;
    }
  }
}

TEST(TaskCrossval, BadOutcomesAreRefusedByName) {
  Workplace work("", 24);
  add_clinic(work);
  EXPECT_ERROR(cross_validated(work, wide_recipe(R"("name": "regression", "values": ["stage"])")),
               "'stage' holds text");
  EXPECT_ERROR(cross_validated(work, wide_recipe(R"("name": "regression", "values": ["agee"])")),
               "age");
  EXPECT_ERROR(cross_validated(work, wide_recipe(R"("name": "survival",
      "covariates": ["patiend"])")),
               "patient");
}

}  // namespace
}  // namespace cohesin
