#include "cohesin/run/leakage.h"

#include <algorithm>
#include <map>

#include "cohesin/base/file.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/run/answer.h"
#include "cohesin/run/cohort_split.h"
#include "cohesin/run/train_recipe.h"
#include "tests/data/cohort_fixture.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

const std::string kRecipe = R"({"model": {"name": "mojo", "token_embed_dim": 4,
  "init_gene_embed_dim": 4, "conv_init_embed_dim": 6, "embed_dim": 8, "num_downsamples": 2,
  "num_layers": 1, "num_attention_heads": 2, "ffn_embed_dim": 8, "stem_kernel_shape": 3},
  "task": {"name": "classification", "target": "class", "deep_path": false,
           "shallow_path": true, "shallow_hidden_size": 4},
  "train": {"epochs": 1, "batch_size": 8, "validation_fraction": 0.2}})";

// A cohort of 24 samples whose patients p0 ... p23 may be renamed, in a folder.
class Leakage : public ::testing::Test {
 protected:
  Leakage() { write(); }
  void write() { write_h5mu(cohort, folder / "cohort.h5mu"); }
  void rename(size_t sample, const std::string& patient) {
    std::find_if(cohort.obs.columns.begin(), cohort.obs.columns.end(), [](const Column& column) {
      return column.name == "patient";
    })->text()[sample] = patient;
  }
  std::filesystem::path split(const std::string& rows) {
    return folder.write("split.tsv", "sample\tsplit\n" + rows);
  }
  TrainOptions training(const std::string& out) {
    TrainOptions options;
    options.recipe = folder.write("recipe.json", kRecipe);
    options.data = folder / "cohort.h5mu";
    options.out = folder / out;
    std::string rows;
    for (int s = 0; s < 24; ++s) rows += fmt::format("s{}\t{}\n", s, s < 16 ? "train" : "test");
    options.split = split(rows);
    return options;
  }
  std::string evaluated(const std::filesystem::path& checkpoint,
                        const std::filesystem::path& split_file) {
    EvaluateOptions options;
    options.answer.checkpoint = checkpoint;
    options.data = folder / "cohort.h5mu";
    options.out = folder / "scores.json";
    options.split = split_file;
    options.force = true;
    const std::string said = evaluate(options);
    EXPECT_EQ(said.find("NOTE") == std::string::npos,
              read_text(options.out).find("\"notes\"") == std::string::npos);
    return said;
  }
  testing::TempFolder folder;
  MultiOmics cohort = *testing::make_cohort(24, 30);
};

TEST_F(Leakage, PatientsInSeveralPartsAreCountedAndNamed) {
  for (size_t s = 8; s < 13; ++s) rename(s, fmt::format("p{}", s - 8));
  std::string rows;
  for (int s = 0; s < 16; ++s) rows += fmt::format("s{}\t{}\n", s, s < 8 ? "train" : "test");
  EXPECT_ERROR(read_cohort_split(split(rows), cohort),
               "split.tsv: 5 of 11 patients stand in more than one part: patient p0 ('test' has "
               "s8, 'train' has s0); patient p1 (");
  EXPECT_ERROR(read_cohort_split(split(rows), cohort), "; ...; split by patient");
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(read_cohort_split(split(rows), cohort, true).parts.at("test").size(), 8U);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("5 of 11 patients"), std::string::npos);
}

TEST_F(Leakage, SamplesWithTheSameValuesAreNamedAndThosePartsCounted) {
  Table& table = cohort.modalities[0].table;
  for (const size_t s : {size_t{5}, size_t{9}})
    std::copy(table.row(4), table.row(4) + table.num_features(), table.row(s));
  ::testing::internal::CaptureStderr();
  warn_of_identical_samples({{"0", {4, 5}}, {"1", {9, 10}}}, cohort);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("2 samples have the values of another one (first: s4 and s9 in 'rnaseq'); 1 "
                      "of these pairs"),
            std::string::npos)
      << said;
}

TEST_F(Leakage, EvaluateSaysHowManyOfTheSamplesTheModelHasSeen) {
  const TrainOptions options = training("run");
  train_recipe(options);
  EXPECT_EQ(evaluated(folder / "run", options.split).find("NOTE"), std::string::npos);
  const std::string all = evaluated(folder / "run", "");
  EXPECT_NE(all.find("the model has seen 16 of the 24 samples (first: s0) and 16 of their 24"),
            std::string::npos)
      << all;
  rename(20, "p3");  // a new sample of a patient who was trained on
  write();
  const auto other = folder.write("other.tsv", "sample\tsplit\ns20\ttest\ns21\ttest\n");
  EXPECT_NE(evaluated(folder / "run", other)
                .find("0 of the 2 samples and 1 of their 2 patients (first: p3)"),
            std::string::npos);
}

TEST_F(Leakage, WhatACheckpointBeganWithCountsAsSeen) {
  TrainOptions first = training("first");
  first.assignments = {"task.name=masked_lm"};
  train_recipe(first);
  TrainOptions second = training("second");
  second.split = folder.write("late.tsv",
                              "sample\tsplit\ns20\ttrain\ns21\ttrain\ns22\ttrain\n"
                              "s23\ttrain\ns0\ttest\ns19\ttest\n");
  second.assignments = {"train.validation_fraction=0", "task.deep_path=true"};
  second.init = folder / "first";
  train_recipe(second);
  std::map<std::string, int> used;
  for (const auto& one : read_training_samples(folder / "second")) ++used[one.used];
  EXPECT_EQ(used, (std::map<std::string, int>{{"init", 16}, {"train", 4}}));
  EXPECT_NE(evaluated(folder / "second", second.split).find("1 of the 2 samples (first: s0)"),
            std::string::npos);
}

TEST_F(Leakage, ListsAreFoundFromACheckpointAndACrossvalFolder) {
  const std::string list = training_samples_text({{"s1", "p1", "train"}});
  folder.write("run/training_samples.tsv", list);
  std::filesystem::create_directories(folder / "run/seed_1/checkpoints/step_1");
  EXPECT_EQ(read_training_samples(folder / "run/seed_1/checkpoints/step_1").size(), 1U);
  folder.write("cv/fold_0/training_samples.tsv", list);
  folder.write("cv/fold_1/training_samples.tsv", list);
  EXPECT_EQ(read_training_samples(folder / "cv").size(), 2U);
  EXPECT_TRUE(read_training_samples(folder / "cv/baselines").empty());
  EXPECT_TRUE(describe_overlap({}, cohort, {0, 1}).empty());
  folder.write("bad/training_samples.tsv", "sample\n");
  EXPECT_ERROR(read_training_samples(folder / "bad"), "expected the columns sample, patient, used");
}

}  // namespace
}  // namespace cohesin
