#include "cohesin/run/crossval.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "cohesin/base/file.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/io/predictions.h"
#include "cohesin/run/answer.h"
#include "cohesin/run/omics_fit.h"
#include "cohesin/run/omics_predict.h"
#include "cohesin/run/score.h"
#include "cohesin/run/train_recipe.h"
#include "tests/run/crossval_workplace.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;
using testing::kModel;
using testing::kShort;
using testing::recipe;
using testing::Workplace;

TEST(Crossval, PredictsEverySampleOnceAFoldAndOnceMoreWithAModalityHidden) {
  const Workplace work(recipe(kShort, R"(, "baselines": ["majority", "logistic"],
      "pretraining": {"epochs": 1, "batch_size": 8, "validation_fraction": 0})"));
  cross_validate(work.options("out"));
  const PredictionTable table = read_predictions(work.folder / "out" / "predictions.tsv");
  std::set<std::string> shown, hidden;
  for (size_t i = 0; i < table.num_rows(); ++i)
    (table.hidden[i].empty() ? shown : hidden).insert(table.sample[i]);
  EXPECT_EQ(shown.size(), 24U);
  EXPECT_EQ(hidden.size(), 24U);
  EXPECT_EQ(table.num_rows(), 48U);
  for (const char* name :
       {"scores.json", "config.json", "run.json", "embeddings.tsv", "fold_0/pretraining/latest",
        "fold_2/latest", "baselines/logistic/predictions.tsv"})
    EXPECT_TRUE(fs::exists(work.folder / "out" / name)) << name;
}

TEST(Crossval, TwoRunsGiveTheSameBytes) {
  const Workplace work(recipe(kShort, R"(, "baselines": ["logistic", "mlp"])"));
  cross_validate(work.options("one"));
  cross_validate(work.options("two"));
  for (const char* name :
       {"predictions.tsv", "scores.json", "embeddings.tsv", "baselines/mlp/predictions.tsv"})
    EXPECT_EQ(read_text(work.folder / "one" / name), read_text(work.folder / "two" / name)) << name;
}

TEST(Crossval, ResumeKeepsFoldsThatAreDone) {
  const Workplace work(recipe(kShort));
  cross_validate(work.options("out"));
  const std::string before = read_text(work.folder / "out" / "predictions.tsv");
  fs::remove_all(work.folder / "out" / "fold_1");
  fs::remove(work.folder / "out" / "predictions.tsv");
  const auto kept = fs::last_write_time(work.folder / "out" / "fold_0" / "config.json");
  CrossvalOptions options = work.options("out");
  options.resume = true;
  cross_validate(options);
  EXPECT_EQ(read_text(work.folder / "out" / "predictions.tsv"), before);
  EXPECT_EQ(fs::last_write_time(work.folder / "out" / "fold_0" / "config.json"), kept);
}

TEST(Crossval, ResumeRefusesWhatWasBegunOtherwise) {
  const Workplace work(recipe(kShort));
  cross_validate(work.options("out"));
  const auto resume = [&](const std::string& assignment) {
    CrossvalOptions options = work.options("out");
    options.resume = true;
    if (!assignment.empty()) options.assignments = {assignment};
    cross_validate(options);
  };
  EXPECT_ERROR(resume("train.epochs=3"), "begun with another recipe, cohort or folds");
  resume("");
  write_h5mu(*testing::make_cohort(24, 11), work.folder / "cohort.h5mu");
  EXPECT_ERROR(resume(""), "begun with another recipe, cohort or folds");
}

TEST(Crossval, FoldsOneByOneAndCollectedAreTheWhole) {
  const Workplace work(recipe(kShort, R"(, "baselines": ["logistic", "mlp"])"));
  cross_validate(work.options("whole"));
  CrossvalOptions options = work.options("out");
  for (const char* fold : {"2", "0", "1"}) {
    options.fold = fold;
    cross_validate(options);
  }
  EXPECT_FALSE(fs::exists(work.folder / "out" / "scores.json"));
  EXPECT_ERROR(cross_validate(options), "--force");
  const auto kept = fs::last_write_time(work.folder / "out" / "fold_0" / "config.json");
  options.fold = "";
  options.resume = true;
  cross_validate(options);
  EXPECT_EQ(fs::last_write_time(work.folder / "out" / "fold_0" / "config.json"), kept);
  for (const char* name : {"predictions.tsv", "scores.json", "embeddings.tsv", "config.json",
                           "baselines/logistic/predictions.tsv", "baselines/mlp/predictions.tsv"})
    EXPECT_EQ(read_text(work.folder / "out" / name), read_text(work.folder / "whole" / name))
        << name;
}

TEST(Crossval, AFoldByItselfBelongsToTheOthersOrIsRefused) {
  const Workplace work(recipe(kShort, R"(, "baselines": ["logistic"])"));
  CrossvalOptions options = work.options("out");
  options.fold = "1";
  options.jobs = 2;
  EXPECT_ERROR(cross_validate(options), "--fold trains one fold and --jobs several");
  options.jobs = 1;
  options.fold = "7";
  EXPECT_ERROR(cross_validate(options), "has no such fold; its folds are 0, 1, 2");
  options.fold = "0";
  cross_validate(options);
  options.fold = "1";
  options.assignments = {"train.epochs=3"};
  EXPECT_ERROR(cross_validate(options), "begun with another recipe, cohort or folds");
  options.fold = "";
  options.resume = true;
  EXPECT_ERROR(cross_validate(options), "begun with another recipe, cohort or folds");
  options.assignments.clear();
  options.permute_labels = 1;
  EXPECT_ERROR(cross_validate(options), "or with other labels");
  options = work.options("out");
  options.fold = "0";
  options.force = true;
  cross_validate(options);  // the fold anew, what others have left stays
  EXPECT_TRUE(fs::exists(work.folder / "out/baselines/logistic/predictions_fold_0.tsv"));
}

TEST(Crossval, PermutedLabelsScoreAtChanceAndSaySo) {
  const Workplace work(recipe(R"("epochs": 30, "batch_size": 60, "learning_rate": 0.02,
                                 "validation_fraction": 0, "checkpoint_every_steps": 1000)",
                              R"(, "baselines": ["logistic"])"),
                       60);
  double mean = 0, mean_of_baseline = 0;
  const auto accuracy = [](const fs::path& file) {
    const auto groups = score_predictions(read_predictions(file), file.string());
    EXPECT_EQ(groups.at(0).metrics.at(0).first, "accuracy");
    return groups.at(0).metrics.at(0).second.mean;
  };
  CrossvalOptions options = work.options("out");
  options.assignments = {"task.deep_path=false"};
  options.without.clear();
  cross_validate(options);
  EXPECT_GT(accuracy(options.out / "predictions.tsv"), 0.9);
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    options.out = work.folder / fmt::format("permuted_{}", seed);
    options.permute_labels = seed;
    cross_validate(options);
    mean += accuracy(options.out / "predictions.tsv") / 4;
    mean_of_baseline += accuracy(options.out / "baselines/logistic/predictions.tsv") / 4;
  }
  // four times 60 samples: one standard error is 0.03
  EXPECT_NEAR(mean, 0.5, 0.12);
  EXPECT_NEAR(mean_of_baseline, 0.5, 0.12);
  for (const char* name : {"scores.json", "report.html"})
    EXPECT_NE(read_text(options.out / name).find("LABELS WERE PERMUTED"), std::string::npos)
        << name;
  EXPECT_EQ(read_text(options.out / "permuted_labels.tsv").substr(0, 12), "sample\tfrom\n");
}

TEST(Crossval, ResumeRefusesADamagedCheckpointOfAFinishedTraining) {
  const Workplace work(recipe(kShort));
  cross_validate(work.options("out"));
  fs::remove(work.folder / "out" / "fold_1" / "predictions.tsv");
  for (const auto& entry : fs::directory_iterator(work.folder / "out" / "fold_1" / "checkpoints"))
    write_text(entry.path() / "model.safetensors", "damaged");
  CrossvalOptions options = work.options("out");
  options.resume = true;
  EXPECT_ERROR(cross_validate(options), "model.safetensors");
}

// Whatever stands in the test fold must not reach the fold's model: neither bins nor weights.
TEST(Crossval, TestSamplesDoNotReachTraining) {
  const Workplace work(recipe(kShort, R"(, "pretraining": {"epochs": 1, "batch_size": 8,
      "validation_fraction": 0})"));
  cross_validate(work.options("one"));
  MultiOmics changed = *work.cohort;
  for (size_t s = 0; s < changed.num_samples(); ++s) {
    if (s / 2 % 3 != 0) continue;  // fold 0 is tested
    float* row = changed.modalities[0].table.row(s);
    for (size_t g = 0; g < 12; ++g) row[g] = 1000 + static_cast<float>(g);
  }
  write_h5mu(changed, work.folder / "cohort.h5mu");
  cross_validate(work.options("two"));
  const auto best = [&](const std::string& out) {
    const fs::path run = work.folder / out / "fold_0";
    std::string name = read_text(run / "latest");
    name.erase(name.find_last_not_of('\n') + 1);
    return run / (name.find('/') == std::string::npos ? "checkpoints/" + name : name);
  };
  for (const char* name : {"model.safetensors", "tokenizers.json", "features.tsv"})
    EXPECT_EQ(read_text(best("one") / name), read_text(best("two") / name)) << name;
}

TEST(Crossval, SeedsAreAveragedAndAnswerTogether) {
  const Workplace work(recipe(kShort + R"(, "seeds": 2)"));
  cross_validate(work.options("out"));
  EXPECT_EQ(member_folders(work.folder / "out").size(), 6U);
  EXPECT_EQ(load_ensemble(work.folder / "out" / "fold_1").size(), 2U);
}

TEST(Crossval, AStoredBaselinePredictsAgain) {
  const Workplace work(recipe(kShort, R"(, "baselines": ["logistic:rnaseq"])"));
  cross_validate(work.options("out"));
  AnswerOptions answer;
  answer.checkpoint = work.folder / "out";
  answer.member = "baseline:logistic:rnaseq";
  const PredictionTable table =
      predict_cohort(answer, work.cohort, testing::all_samples(*work.cohort));
  EXPECT_EQ(table.num_rows(), 24U);
  answer.member = "baseline:forest";
  EXPECT_ERROR(predict_cohort(answer, work.cohort, {0}), "--member baseline:forest");
}

TEST(Crossval, RefusesBadInputBeforeAnyWork) {
  const Workplace work(recipe(kShort));
  cross_validate(work.options("out"));
  EXPECT_ERROR(cross_validate(work.options("out")), "--force");

  CrossvalOptions options = work.options("other");
  options.without = {"mirna"};
  EXPECT_ERROR(cross_validate(options), "no modality 'mirna'");

  options = work.options("other");
  options.assignments = {R"(baselines=["logistic:mirna"])"};
  EXPECT_ERROR(cross_validate(options), "no modality 'mirna'");
  EXPECT_FALSE(std::filesystem::exists(work.folder / "other"));

  options = work.options("other");
  options.folds = work.folder.write("unknown.tsv", "sample\tfold\nnobody\t0\ns1\t1\n");
  EXPECT_ERROR(cross_validate(options), "nobody");

  options = work.options("other");  // all of class a in one fold
  options.folds =
      work.folder.write("small.tsv", "sample\tfold\ns0\t0\ns2\t0\ns1\t1\ns3\t1\ns5\t0\n");
  EXPECT_ERROR(cross_validate(options), "class 'a' has no sample outside fold 0");

  options = work.options("other");
  options.folds = work.folder.write("one_class.tsv", "sample\tfold\ns0\t0\ns2\t1\n");
  EXPECT_ERROR(cross_validate(options), "one class only ('a')");

  options = work.options("other");
  options.assignments = {"task.target=clas"};
  EXPECT_ERROR(cross_validate(options), "did you mean 'class'?");

  options = work.options("other");
  options.assignments = {"train.epoch=3"};
  EXPECT_ERROR(cross_validate(options), "epochs");

  options = work.options("other");
  options.run.device = "cuda";
  EXPECT_ERROR(cross_validate(options), "no CUDA");
  EXPECT_FALSE(fs::exists(work.folder / "other"));
}

TEST(DrawValidation, KeepsPatientsTogetherAndDoesNotDependOnTheOrder) {
  const auto cohort = testing::make_cohort(40, 4);
  std::vector<int64_t> samples = testing::all_samples(*cohort);
  std::vector<int64_t> labels;
  for (const int64_t s : samples) labels.push_back(s % 2);
  const auto drawn = draw_validation(*cohort, samples, labels, 0.2, 5);
  EXPECT_EQ(drawn.size(), 8U);
  std::vector<int64_t> reversed(samples.rbegin(), samples.rend());
  const auto again = draw_validation(*cohort, reversed, labels, 0.2, 5);
  EXPECT_EQ(std::set<int64_t>(drawn.begin(), drawn.end()),
            std::set<int64_t>(again.begin(), again.end()));
  EXPECT_TRUE(draw_validation(*cohort, samples, labels, 0, 5).empty());
}

TEST(Crossval, AnswersSayThatACohortLacksGenesOfTheModel) {
  const Workplace work(recipe(kShort, R"(, "baselines": ["logistic"])"));
  cross_validate(work.options("out"));
  const auto other = testing::make_cohort(6, 5);  // 7 of 12 genes are missing
  AnswerOptions answer;
  answer.checkpoint = work.folder / "out";
  for (const char* member : {"fold_0", "baseline:logistic"}) {
    answer.member = member;
    ::testing::internal::CaptureStderr();
    predict_cohort(answer, other, {0, 1});
    const std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("7 missing"), std::string::npos) << member << ": " << said;
  }
}

const std::string kSurvival = "{" + kModel + R"(, "task": {"name": "survival", "deep_path": false,
    "shallow_path": true, "shallow_hidden_size": 8}, "train": {"epochs": 60, "batch_size": 64,
    "learning_rate": 0.02, "modality_dropout": 0.3, "validation_fraction": 0,
    "checkpoint_every_steps": 1000},
    "baselines": ["cox", "cox:rnaseq", "pca_cox"]})";

double c_index(const std::vector<GroupScores>& groups, size_t condition) {
  return groups.at(condition).metrics.at(0).second.mean;
}

TEST(Crossval, SurvivalRisksComeBesideCoxRegressions) {
  const Workplace work(kSurvival, 60);
  cross_validate(work.options("out"));
  const PredictionTable table = read_predictions(work.folder / "out" / "predictions.tsv");
  EXPECT_EQ(table.num_rows(), 120U);  // all samples, and again without methylation
  const auto& rows = table.survival.value();
  EXPECT_EQ(std::count_if(rows.time_days.begin(), rows.time_days.end(),
                          [](double time) { return std::isnan(time); }),
            2);  // s3
  const auto scored = score_predictions(table, "predictions.tsv");
  ASSERT_EQ(scored.front().metrics.at(0).first, "c_index");
  EXPECT_GT(c_index(scored, 0), 0.7);
  for (const char* name : {"cox", "cox-rnaseq", "pca_cox"}) {
    const auto file = work.folder / "out" / "baselines" / name / "predictions.tsv";
    EXPECT_GT(c_index(score_predictions(read_predictions(file), name), 0), 0.7) << name;
  }
  EXPECT_NE(read_text(work.folder / "out" / "report.html").find("C-index"), std::string::npos);
  AnswerOptions answer;
  answer.checkpoint = work.folder / "out";
  for (const char* member : {"", "fold_1", "baseline:cox"}) {
    answer.member = member;
    const PredictionTable again = predict_cohort(answer, work.cohort, {0, 1, 2});
    EXPECT_EQ(again.survival.value().risk.size(), 3U) << member;
  }
}

TEST(Crossval, SurvivalNeedsFollowUpAndFittingBaselines) {
  Workplace work(kSurvival, 24);
  CrossvalOptions options = work.options("out");
  options.assignments = {R"(baselines=["logistic"])"};
  EXPECT_ERROR(cross_validate(options), "baseline 'logistic' does not answer the task survival");
  options.force = true;
  options.assignments = {"task.ties=exact"};
  EXPECT_ERROR(cross_validate(options), "task.ties: expected efron or breslow, got 'exact'");
  options.assignments.clear();
  MultiOmics changed = *work.cohort;
  changed.obs.set({"event", std::vector<double>(24, 0)});
  write_h5mu(changed, work.folder / "cohort.h5mu");
  EXPECT_ERROR(cross_validate(options), "has an observed event");
  std::erase_if(changed.obs.columns, [](const Column& column) { return column.name == "event"; });
  write_h5mu(changed, work.folder / "cohort.h5mu");
  EXPECT_ERROR(cross_validate(options), "the cohort has no follow-up");
}

}  // namespace
}  // namespace cohesin
