#include "cohesin/run/report_run.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cohesin/base/file.h"
#include "cohesin/base/philox.h"
#include "cohesin/io/predictions.h"
#include "cohesin/report/html_text.h"
#include "cohesin/run/score.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

const std::vector<std::string> kClasses = {"Basal", "Luminal <A>"};

// 40 samples in 4 folds, with nothing and with methylation hidden; `noise` spoils the predictions.
std::string make_predictions(double noise) {
  std::string text = "sample\tfold\tmodalities\thidden\tlabel\tpredicted";
  for (const auto& name : kClasses) text += "\tprobability:" + name;
  text += "\n";
  for (const std::string hidden : {"", "methylation"})
    for (int i = 0; i < 40; ++i) {
      RandomStream random(1, "sample" + hidden, static_cast<uint64_t>(i));
      const int label = i % 2;
      const double p =
          std::clamp(0.5 + (label == 1 ? 0.2 : -0.2) + noise * random.normal(), 0.0, 1.0);
      text += fmt::format("S{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", i, i / 10,
                          hidden.empty() ? "rnaseq,methylation" : "rnaseq", hidden,
                          i == 39 ? "" : kClasses[static_cast<size_t>(label)],
                          kClasses[p > 0.5 ? 1 : 0], 1 - p, p);
    }
  return text;
}

std::string make_embeddings() {
  std::string text = "sample\te0\te1\te2\n";
  for (int i = 0; i < 40; ++i) {
    RandomStream random(2, "embedding", static_cast<uint64_t>(i));
    text += fmt::format("S{}\t{}\t{}\t{}\n", i, 4.0 * (i % 2) + random.normal(), random.normal(),
                        random.normal());
  }
  return text;
}

// What crossval leaves, but for checkpoints.
void make_run(const TempFolder& folder) {
  folder.write("predictions.tsv", make_predictions(0.15));
  folder.write("baselines/logistic/predictions.tsv", make_predictions(0.05));
  folder.write("embeddings.tsv", make_embeddings());
  folder.write("fold_0/log.jsonl",
               "{\"line\":\"step\",\"step\":1,\"epoch\":1,\"train_loss\":2}\n"
               "{\"line\":\"epoch\",\"step\":2,\"epoch\":1,\"train_loss\":1.5,"
               "\"validation_score\":1.4}\n");
  folder.write("fold_0/pretraining/log.jsonl",
               "{\"line\":\"epoch\",\"step\":5,\"epoch\":1,\"train_loss\":3,"
               "\"validation_loss\":2.9}\n");
  folder.write("baselines/mlp/fold_0/log.jsonl", "{\"step\":1,\"train_loss\":2}\n");
  folder.write("prepare.tsv",
               "modality\twhat\tcount\tfirst\nrnaseq\tsamples without a label\t1\tS39\n");
  folder.write("config.json",
               "{\"model\": {\"name\": \"mojo\"}, \"task\": {\"target\": \"pam50\"}}");
  Scores scores;
  const auto table = read_predictions(folder / "predictions.tsv");
  scores.task = task_name(table);
  scores.groups = score_predictions(table, "model");
  scores.baselines.emplace_back(
      "logistic", score_predictions(read_predictions(folder / "baselines/logistic/predictions.tsv"),
                                    "logistic"));
  folder.write("scores.json", write_scores(scores));
}

TEST(CollectReport, TakesEveryPartOfARun) {
  const TempFolder folder;
  make_run(folder);
  const ReportData data = collect_report(folder.path());
  EXPECT_EQ(data.title, "Predicting pam50 from rnaseq and methylation");
  EXPECT_EQ(data.model, "mojo");
  ASSERT_EQ(data.conditions.size(), 2U);
  EXPECT_EQ(data.conditions[0].name, "all modalities");
  EXPECT_EQ(data.conditions[1].name, "without methylation");
  EXPECT_EQ(data.conditions[0].methods.size(), 2U);
  EXPECT_EQ(data.conditions[0].num_samples, 39);
  EXPECT_EQ(data.conditions[0].roc.size(), 2U);
  EXPECT_DOUBLE_EQ(data.test_share, 0.25);
  ASSERT_EQ(data.embeddings.size(), 1U);
  EXPECT_EQ(data.embeddings[0].points.size(), 40U);
  EXPECT_GT(data.embeddings[0].same_class, 0.8);
  EXPECT_EQ(data.classes[0].second, 20);
  EXPECT_EQ(data.classes[1].second, 19);
  ASSERT_EQ(data.curves.size(), 2U);
  EXPECT_EQ(data.curves[0].stage, "pre-training");
  EXPECT_EQ(data.curves[1].name, "fold 0");
  EXPECT_TRUE(std::isnan(data.curves[1].train_loss[0]));  // epochs are drawn, steps are not
  EXPECT_EQ(data.curves[1].validation_loss[1], 1.4);
  EXPECT_EQ(data.preparation.size(), 1U);
  ASSERT_EQ(data.warnings.size(), 1U);
  EXPECT_EQ(data.warnings[0], "1 samples have no label; they were predicted, but not scored.");
}

TEST(WriteReport, PrintsTheScoresOfScoresJson) {
  const TempFolder folder;
  make_run(folder);
  write_report(folder.path(), folder / "report.html", false);
  const std::string page = read_text(folder / "report.html");
  const auto scores = nlohmann::json::parse(read_text(folder / "scores.json"));
  for (const auto& group : scores["scores"]) {
    const double mean = group["metrics"]["weighted_f1"]["mean"];
    const std::string headline = fmt::format(
        "class=\"headline\" data-metric=\"weighted_f1\" data-hidden=\"{}\" data-value=\"{}\">{}<",
        group["hidden"].get<std::string>(), exact_text(mean), score_text(mean));
    EXPECT_NE(page.find(headline), std::string::npos) << headline;
  }
  EXPECT_NE(page.find("A baseline wins: logistic."), std::string::npos);
}

TEST(WriteReport, GivesTheSameBytesWhereverTheRunLiesAndWheneverItRan) {
  const TempFolder first, second;
  make_run(first);
  make_run(second);
  const char* run =
      "{{\"version\":\"0.1.0\",\"command\":[\"cohesin\",\"{0}\"],\"start_time\":"
      "\"{0}\",\"threads\":{1},\"seed\":3,\"inputs\":{{\"/{0}/c.h5mu\":\"ab12\"}}}}";
  first.write("run.json", fmt::format(fmt::runtime(run), "here", 1));
  second.write("run.json", fmt::format(fmt::runtime(run), "there", 8));
  write_report(first.path(), first / "report.html", false);
  write_report(second.path(), second / "other.html", false);
  const std::string page = read_text(first / "report.html");
  EXPECT_EQ(page, read_text(second / "other.html"));
  EXPECT_NE(page.find("<dt>c.h5mu</dt><dd>sha256 ab12</dd>"), std::string::npos);
}

TEST(WriteReport, ReplacesAFileOnlyWhenToldTo) {
  const TempFolder folder;
  make_run(folder);
  folder.write("report.html", "mine");
  EXPECT_ERROR(write_report(folder.path(), folder / "report.html", false), "--force");
  EXPECT_EQ(read_text(folder / "report.html"), "mine");
  write_report(folder.path(), folder / "report.html", true);
  EXPECT_NE(read_text(folder / "report.html"), "mine");
}

TEST(CollectReport, ScoresPredictionsThatStandAlone) {
  const TempFolder folder;
  folder.write("predictions.tsv", make_predictions(0.1));
  const ReportData data = collect_report(folder.path());
  EXPECT_EQ(data.model, "model");
  EXPECT_EQ(data.conditions.size(), 2U);
  EXPECT_TRUE(data.curves.empty());
}

TEST(CollectReport, TakesPredictionsWithoutAnyLabel) {
  const TempFolder folder;
  folder.write("predictions.tsv",
               "sample\tlabel\tpredicted\tprobability:a\tprobability:b\nS1\t\ta\t0.9\t0.1\n");
  EXPECT_TRUE(collect_report(folder.path()).conditions.empty());
}

TEST(CollectReport, TakesATrainingWithoutPredictions) {
  const TempFolder folder;
  folder.write("log.jsonl", "{\"step\":1,\"train_loss\":2}\n");
  const ReportData data = collect_report(folder.path());
  EXPECT_EQ(data.curves.size(), 1U);
  EXPECT_EQ(data.title, "Training of model");
}

TEST(CollectReport, DrawsAMapAFoldWhereTheFoldsLieApart) {
  const TempFolder folder;
  make_run(folder);
  std::string text = "sample\te0\te1\n";
  for (int i = 0; i < 40; ++i)
    text += fmt::format("S{}\t{}\t{}\n", i, 100 * (i / 10) + i % 2, i % 10);
  folder.write("embeddings.tsv", text);
  const ReportData data = collect_report(folder.path());
  ASSERT_EQ(data.embeddings.size(), 4U);
  EXPECT_EQ(data.embeddings[3].name, "fold 3");
  EXPECT_EQ(data.embeddings[3].points.size(), 10U);
  EXPECT_NE(data.embedding_note.find("one map a fold"), std::string::npos);
}

TEST(CollectReport, WarnsWhenScoresAndPredictionsDisagree) {
  const TempFolder folder;
  make_run(folder);
  folder.write("predictions.tsv", make_predictions(0.3));
  const ReportData data = collect_report(folder.path());
  EXPECT_NE(data.warnings.back().find("scores.json does not agree with predictions.tsv"),
            std::string::npos);
}

TEST(CollectReport, BlamesTheFileThatIsBroken) {
  const TempFolder folder;
  EXPECT_ERROR(collect_report(folder / "absent"), "no such folder");
  EXPECT_ERROR(collect_report(folder.path()), "nothing to report");
  make_run(folder);
  folder.write("fold_0/log.jsonl", "{\"step\":1}\n{\"step\":2,\n");
  EXPECT_ERROR(collect_report(folder.path()), "fold_0/log.jsonl:2: expected a JSON object");
  make_run(folder);
  folder.write("scores.json", "{\"task\": \"classification\"}");
  EXPECT_ERROR(collect_report(folder.path()), "scores.json: not a file of scores");
  make_run(folder);
  folder.write("embeddings.tsv", "sample\te0\nS1\t0.5\nS2\tx\n");
  EXPECT_ERROR(collect_report(folder.path()), "embeddings.tsv:3");
  make_run(folder);
  folder.write("prepare.tsv", "what\n");
  EXPECT_ERROR(collect_report(folder.path()), "prepare.tsv: expected the columns");
}

TEST(CollectReport, TakesTheSingleModalityBaselineWhereTheOtherIsHidden) {
  const TempFolder folder;
  make_run(folder);
  auto scores = nlohmann::ordered_json::parse(read_text(folder / "scores.json"));
  auto single = scores["baselines"]["logistic"][0];
  single["modalities"] = "rnaseq";
  scores["baselines"]["logistic_rnaseq"] = {single};
  folder.write("scores.json", scores.dump());
  const ReportData data = collect_report(folder.path());
  EXPECT_EQ(data.conditions[1].methods.back().name, "logistic_rnaseq");
}

}  // namespace
}  // namespace cohesin
