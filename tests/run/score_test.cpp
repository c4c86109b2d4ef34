#include "cohesin/run/score.h"

#include <nlohmann/json.hpp>

#include "cohesin/base/file.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

// Four samples in two folds, then the same with methylation hidden; s4 lacks methylation, s5 has
// no label.
const std::string kTable =
    "sample\tfold\tmodalities\thidden\tlabel\tpredicted\tprobability:A\tprobability:B\n"
    "s1\t0\trnaseq,methylation\t\tA\tA\t0.9\t0.1\n"
    "s2\t0\trnaseq,methylation\t\tB\tB\t0.2\t0.8\n"
    "s3\t1\trnaseq,methylation\t\tA\tB\t0.4\t0.6\n"
    "s4\t1\trnaseq\t\tB\tB\t0.3\t0.7\n"
    "s5\t1\trnaseq,methylation\t\t\tB\t0.3\t0.7\n"
    "s1\t0\trnaseq\tmethylation\tA\tA\t0.9\t0.1\n"
    "s2\t0\trnaseq\tmethylation\tB\tA\t0.9\t0.1\n";

TEST(Score, WritesAGroupForEachModalitiesAndHiddenAndOneOfAllWhereTheyDiffer) {
  testing::TempFolder folder;
  run_score({.predictions = folder.write("predictions.tsv", kTable), .out = folder / "s.json"});
  const auto scores = nlohmann::json::parse(read_text(folder / "s.json")).at("scores");
  ASSERT_EQ(scores.size(), 4);
  EXPECT_EQ(scores[0].at("modalities"), "any");
  EXPECT_EQ(scores[0].at("num_samples"), 4);
  EXPECT_EQ(scores[0].at("num_unlabelled"), 1);
  EXPECT_EQ(scores[0].at("metrics").at("accuracy").at("folds"), nlohmann::json({1.0, 0.5}));
  EXPECT_EQ(scores[1].at("modalities"), "rnaseq,methylation");
  EXPECT_EQ(scores[2].at("modalities"), "rnaseq");
  EXPECT_EQ(scores[2].at("hidden"), "");
  EXPECT_EQ(scores[3].at("hidden"), "methylation");
  EXPECT_EQ(scores[3].at("metrics").at("accuracy").at("mean"), 0.5);
}

TEST(Score, TheSameTableGivesTheSameBytes) {
  testing::TempFolder folder;
  const auto table = folder.write("predictions.tsv", kTable);
  run_score({.predictions = table, .out = folder / "1.json", .seed = 3});
  run_score({.predictions = table, .out = folder / "2.json", .seed = 3});
  EXPECT_EQ(read_text(folder / "1.json"), read_text(folder / "2.json"));
}

TEST(Score, KeepsAnExistingFileUnlessForced) {
  testing::TempFolder folder;
  const auto table = folder.write("predictions.tsv", kTable);
  const auto out = folder.write("scores.json", "mine");
  EXPECT_ERROR(run_score({.predictions = table, .out = out}), "--force");
  EXPECT_EQ(read_text(out), "mine");
  run_score({.predictions = table, .out = out, .force = true});
  EXPECT_NE(read_text(out), "mine");
}

TEST(Score, RefusesATableWithoutAnyKnownOutcomeAndWritesNothing) {
  testing::TempFolder folder;
  const auto table =
      folder.write("predictions.tsv", "sample\tlabel\tpredicted\tprobability:A\ns1\t\tA\t1\n");
  EXPECT_ERROR(run_score({.predictions = table, .out = folder / "s.json"}),
               "none of the 1 rows has a known outcome");
  EXPECT_FALSE(std::filesystem::exists(folder / "s.json"));
}

TEST(Score, SurvivalTablesGetTheConcordance) {
  testing::TempFolder folder;
  const auto table = folder.write(
      "predictions.tsv",
      "sample\ttime_days\tevent\trisk\ns1\t1\t1\t3\ns2\t2\t1\t2\ns3\t3\t0\t1\ns4\t\t\t1\n");
  const Scores scores = run_score({.predictions = table, .out = folder / "s.json"});
  EXPECT_EQ(scores.task, "survival");
  EXPECT_EQ(scores.groups[0].metrics[0].first, "c_index");
  EXPECT_EQ(scores.groups[0].metrics[0].second.mean, 1.0);
  EXPECT_EQ(scores.groups[0].num_unlabelled, 1);
}

}  // namespace
}  // namespace cohesin
