// Settings chosen inside the training part of folds, and of `train`.
#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "cohesin/base/file.h"
#include "cohesin/io/predictions.h"
#include "cohesin/run/choose_settings.h"
#include "cohesin/run/crossval.h"
#include "cohesin/run/score.h"
#include "cohesin/run/search_trials.h"
#include "cohesin/run/train_recipe.h"
#include "tests/run/crossval_workplace.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;
using testing::kModel;
using testing::Workplace;

// A small network that learns, or, with the first rate, stays what it was drawn as.
std::string searching(const std::string& task, const std::string& more = "",
                      const std::string& sections = "") {
  return "{" + kModel +
         R"(, "task": {"deep_path": false, "shallow_path": true, "shallow_hidden_size": 8, )" +
         task +
         R"(}, "train": {"epochs": 60, "batch_size": 64,
      "validation_fraction": 0, "checkpoint_every_steps": 1000},
      "search": {"space": {"train.learning_rate": {"values": [1e-12, 0.02]}})" +
         more + "}" + sections + "}";
}
const std::string kClasses = R"("name": "classification", "target": "class")";

SearchTable table_of(const fs::path& path, size_t inner_folds = 3) {
  SearchTable table;
  table.metric = "weighted_f1";
  for (const char* value : {"1e-12", "0.02"})
    table.trials.push_back({{{"train.learning_rate", value}}});
  table.scores.assign(2, std::vector<std::optional<double>>(inner_folds, std::nullopt));
  read_scores_done(path, table);
  return table;
}

double rate_of(const fs::path& config) {
  return parse_recipe(read_text(config), config.string()).train.learning_rate;
}

TEST(InnerFolds, HoldEveryPatientOutOnceAndNeverTrainOnHim) {
  auto cohort = std::make_shared<MultiOmics>(*testing::make_cohort(41, 4));
  std::vector<std::string> patients;
  for (size_t s = 0; s < 41; ++s) patients.push_back(fmt::format("p{}", s / 2));
  cohort->obs.set({"patient", patients});
  std::vector<int64_t> samples, strata(41);
  for (int64_t s = 5; s < 41; ++s) samples.push_back(s);
  for (int64_t s = 0; s < 41; ++s) strata[static_cast<size_t>(s)] = s % 9 == 0 ? -1 : s / 2 % 2;
  const auto folds = make_inner_folds(*cohort, samples, strata, 3, 7);
  ASSERT_EQ(folds.size(), 3U);
  std::multiset<int64_t> held_out;
  for (const auto& fold : folds) {
    std::set<std::string> inside;
    double ones = 0;
    for (const int64_t s : fold.train) {
      EXPECT_GE(s, 5);
      inside.insert(patients[static_cast<size_t>(s)]);
    }
    for (const int64_t s : fold.held_out) {
      EXPECT_GE(s, 5);
      EXPECT_EQ(inside.count(patients[static_cast<size_t>(s)]), 0U) << s;
      EXPECT_GE(strata[static_cast<size_t>(s)], 0);
      ones += static_cast<double>(strata[static_cast<size_t>(s)]);
      held_out.insert(s);
    }
    EXPECT_NEAR(ones / static_cast<double>(fold.held_out.size()), 0.5, 0.2);
  }
  for (const int64_t s : samples)
    EXPECT_EQ(held_out.count(s), strata[static_cast<size_t>(s)] < 0 ? 0U : 1U) << s;
  EXPECT_ERROR(make_inner_folds(*cohort, {5, 6, 7}, strata, 3, 7), "too few for 3 inner folds");
}

TEST(Search, EveryFoldTrainsWithWhatItsTrainingPartChose) {
  Workplace work(searching(kClasses, "", R"(, "baselines": ["mlp"])"), 60);
  cross_validate(work.options("out"));
  for (const char* fold : {"fold_0", "fold_1", "fold_2"}) {
    const fs::path folder = work.folder / "out" / fold;
    EXPECT_EQ(rate_of(folder / "config.json"), 0.02);
    EXPECT_EQ(read_text(folder / "config.json").find("\"search\""), std::string::npos);
    EXPECT_EQ(table_of(folder / "search.tsv").best(), 1U);
    EXPECT_FALSE(fs::exists(folder / "search"));
  }
  EXPECT_NE(read_text(work.folder / "out/config.json").find("\"search\""), std::string::npos);
  EXPECT_THAT(read_text(work.folder / "out/report.html"),
              ::testing::HasSubstr("train.learning_rate=0.02 (weighted_f1"));
  // the model is the one of a recipe that has these settings from the start
  work.folder.write("recipe.json", searching(kClasses));
  CrossvalOptions options = work.options("plain");
  Recipe plain = read_recipe(options.recipe);
  plain.search.reset();
  plain.train.learning_rate = 0.02;
  options.recipe =
      work.folder.write("plain.json", write_json([&plain](Fields& field) { plain.visit(field); }));
  cross_validate(options);
  EXPECT_EQ(read_text(work.folder / "plain/predictions.tsv"),
            read_text(work.folder / "out/predictions.tsv"));
}

TEST(Search, WorksForEveryTask) {
  Workplace work("", 60);
  auto cohort = std::make_shared<MultiOmics>(*work.cohort);
  std::vector<double> age;
  for (size_t s = 0; s < 60; ++s)
    age.push_back((s % 2 == 0 ? 40.0 : 70.0) + static_cast<double>(s % 7));
  cohort->obs.set({"age", age});
  write_h5mu(*cohort, work.folder / "cohort.h5mu");
  const std::vector<std::pair<std::string, std::string>> tasks = {
      {R"("name": "survival")", "c_index"},
      {R"("name": "survival", "hazard": "discrete", "intervals": 3)", "c_index"},
      {R"("name": "regression", "values": ["age"])", "pearson"},
      {R"("name": "joint", "target": "class", "values": ["age"],
          "kinds": ["classification", "survival", "regression"])",
       "score"}};
  for (const auto& [task, metric] : tasks) {
    work.folder.write("recipe.json", searching(task, R"(, "inner_folds": 2)"));
    CrossvalOptions options = work.options("out");
    options.force = true;
    options.fold = "1";
    cross_validate(options);
    const fs::path folder = work.folder / "out" / "fold_1";
    EXPECT_EQ(rate_of(folder / "config.json"), 0.02) << task;
    EXPECT_THAT(read_text(folder / "search.tsv"), ::testing::HasSubstr("\t" + metric + "\n"));
    fs::remove_all(work.folder / "out");
  }
}

TEST(Search, ResumeGoesOnWithoutRepeating) {
  const Workplace work(searching(kClasses), 30);
  cross_validate(work.options("whole"));
  CrossvalOptions options = work.options("out");
  options.fold = "0";
  cross_validate(options);
  // as if it had been stopped in the middle of the second trial; a score that no training gives
  // shows that it is kept
  const fs::path folder = work.folder / "out" / "fold_0";
  SearchTable table = table_of(folder / "search.tsv");
  const SearchTable before = table;
  table.scores[0][1] = 0.123;
  table.scores[1][2].reset();
  write_text(folder / "search.tsv", table.text());
  fs::remove(folder / "predictions.tsv");
  options.resume = true;
  cross_validate(options);
  const SearchTable after = table_of(folder / "search.tsv");
  EXPECT_EQ(after.scores[0][1], 0.123);
  EXPECT_EQ(after.scores[1][2], before.scores[1][2]);
  EXPECT_EQ(before.text(), table_of(work.folder / "whole/fold_0/search.tsv").text());
  // what belongs to another search is refused
  write_text(folder / "search.tsv", "trial\tchosen\ttask.dropout\tinner_1\tweighted_f1\n");
  fs::remove(folder / "predictions.tsv");
  EXPECT_ERROR(cross_validate(options), "is of another search");
}

// Neither values nor outcomes of the test fold may have a say in the choice.
TEST(Search, TestSamplesDoNotReachTheChoice) {
  const Workplace work(searching(kClasses), 30);
  cross_validate(work.options("one"));
  MultiOmics changed = *work.cohort;
  std::vector<std::string> classes = column_as_text(changed.obs.at("class", "cohort"));
  for (size_t s = 0; s < changed.num_samples(); ++s) {
    if (s / 2 % 3 != 0) continue;  // fold 0 is tested
    float* row = changed.modalities[0].table.row(s);
    for (size_t g = 0; g < 12; ++g) row[g] = 1000 + static_cast<float>(g);
    classes[s] = classes[s] == "a" ? "b" : "a";
  }
  changed.obs.set({"class", classes});
  write_h5mu(changed, work.folder / "cohort.h5mu");
  cross_validate(work.options("two"));
  EXPECT_EQ(read_text(work.folder / "one/fold_0/search.tsv"),
            read_text(work.folder / "two/fold_0/search.tsv"));
  EXPECT_NE(read_text(work.folder / "one/fold_1/search.tsv"),
            read_text(work.folder / "two/fold_1/search.tsv"));
}

TEST(Search, PermutedLabelsStillScoreAtChance) {
  const Workplace work(testing::recipe(R"("epochs": 15, "batch_size": 64, "learning_rate": 0.02,
      "validation_fraction": 0, "checkpoint_every_steps": 1000)",
                                       R"(, "search": {"method": "random", "trials": 4,
      "inner_folds": 2, "space": {"task.linear_penalty": {"log_uniform": [0.01, 100]},
                                  "train.learning_rate": {"log_uniform": [0.001, 0.1]}}})"),
                       60);
  CrossvalOptions options = work.options("out");
  options.without.clear();
  options.assignments = {"task.deep_path=false", "task.linear_path=true"};
  double mean = 0;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    options.out = work.folder / fmt::format("permuted_{}", seed);
    options.permute_labels = seed;
    cross_validate(options);
    const auto groups =
        score_predictions(read_predictions(options.out / "predictions.tsv"), "predictions.tsv");
    mean += groups.at(0).metrics.at(0).second.mean / 4;
  }
  EXPECT_NEAR(mean, 0.5, 0.12);  // accuracy of four times 60 samples: one standard error is 0.03
}

TEST(Search, PreTrainsOnceAnInnerFoldForAllTrials) {
  const std::string deep = "{" + kModel + R"(, "task": {"name": "classification",
      "target": "class", "hidden_sizes": [8]}, "pretraining": {"epochs": 1, "batch_size": 8},
      "train": {"epochs": 1, "batch_size": 16}, "adapter": {"name": "lora"},
      "search": {"inner_folds": 2, "space": {"adapter.rank": {"values": [1, 2]}}}})";
  const Workplace work(deep, 24);
  CrossvalOptions options = work.options("out");
  options.fold = "0";
  ::testing::internal::CaptureStderr();
  cross_validate(options);
  const std::string said = ::testing::internal::GetCapturedStderr();
  const std::string pretrains = "inner fold 1: pre-training";
  const size_t first = said.find(pretrains);
  ASSERT_NE(first, std::string::npos) << said;
  EXPECT_EQ(said.find(pretrains, first + 1), std::string::npos) << said;
  EXPECT_THAT(said, ::testing::HasSubstr("chosen: adapter.rank="));
  EXPECT_EQ(said.find("trial 1, inner fold"), std::string::npos)
      << "trials are told by a line each";
}

TEST(Search, TrainChoosesWithinItsTrainingPart) {
  const Workplace work(searching(kClasses, R"(, "metric": "auroc")"), 30);
  TrainOptions options;
  options.recipe = work.folder / "recipe.json";
  options.data = work.folder / "cohort.h5mu";
  options.out = work.folder / "run";
  train_recipe(options);
  EXPECT_EQ(rate_of(options.out / "config.json"), 0.02);
  const auto chosen = read_chosen_settings(options.out);
  ASSERT_EQ(chosen.size(), 1U);
  EXPECT_THAT(chosen[0].second, ::testing::HasSubstr("train.learning_rate=0.02 (auroc"));
}

TEST(Search, WhatACheckpointBringsCannotBeSearched) {
  const Workplace work(testing::recipe(testing::kShort), 24);
  cross_validate(work.options("before"));
  work.folder.write("recipe.json", "{" + kModel + R"(, "task": {"name": "classification",
      "target": "class"}, "search": {"space": {"model.embed_dim": {"values": [8, 16]}}}})");
  CrossvalOptions options = work.options("out");
  options.init = work.folder / "before" / "fold_0";
  EXPECT_ERROR(cross_validate(options), "model.embed_dim comes from the checkpoint");
}

}  // namespace
}  // namespace cohesin
