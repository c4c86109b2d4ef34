#include "cohesin/report/page.h"

#include <gtest/gtest.h>

#include "cohesin/report/html_text.h"
#include "tests/report/count_of.h"
#include "tests/report/report_example.h"

namespace cohesin {
namespace {

using testing::count_of;
using testing::make_report_example;

const std::string& example_page() {
  static const std::string page = make_page(make_report_example());
  return page;
}

TEST(Page, HasEveryMarkOfTheNumbers) {
  const std::string& page = example_page();
  EXPECT_EQ(count_of(page, "class=\"mark mark-cell"), 3 * 25);
  EXPECT_EQ(count_of(page, "class=\"mark mark-roc"), 3 * 5);
  EXPECT_EQ(count_of(page, "class=\"mark mark-point"), 769);
  EXPECT_EQ(count_of(page, "class=\"mark mark-curve"), 4 * 5);
  EXPECT_EQ(count_of(page, "class=\"mark mark-mean"), 3 * 6);
}

TEST(Page, PrintsTheHeadlineAsTheScoresSayIt) {
  const ReportData data = make_report_example();
  for (const auto& condition : data.conditions)
    for (const auto& score : condition.methods[0].scores) {
      if (score.metric != data.primary_metric) continue;
      const std::string expected = "class=\"headline\" data-metric=\"weighted_f1\" data-hidden=\"" +
                                   condition.hidden + "\" data-value=\"" + exact_text(score.mean) +
                                   "\">" + score_text(score.mean) + "<";
      EXPECT_EQ(count_of(example_page(), expected), 1) << expected;
    }
}

TEST(Page, IsTheSameEveryTime) { EXPECT_EQ(make_page(make_report_example()), example_page()); }

TEST(Page, AsksNothingOfTheNetwork) {
  const std::string& page = example_page();
  for (const char* word : {"src=", "url(", "@import", "fetch(", "XMLHttp", "https://"})
    EXPECT_EQ(count_of(page, word), 0) << word;
  EXPECT_EQ(count_of(page, "default-src 'none'"), 1);
}

TEST(Page, EscapesEveryNameThatAUserGave) {
  const std::string evil = "\"><script>alert(1)</script>";
  ReportData data = make_report_example();
  data.title = data.task = data.target = data.model = evil;
  data.facts = data.warnings = {evil};
  for (auto& [name, count] : data.classes) name = evil;
  for (auto& condition : data.conditions) {
    condition.name = condition.hidden = evil;
    for (auto& method : condition.methods) method.name = method.modalities = evil;
    for (auto& score : condition.methods[0].scores)
      if (score.metric == "mcc") score.metric = evil;
  }
  for (auto& curve : data.curves) curve.name = curve.stage = evil;
  data.embeddings[0].name = evil;
  for (auto& point : data.embeddings[0].points) point.sample = evil;
  data.embedding_note = data.recipe = evil;
  data.explanation.introduction = evil;
  for (auto& panel : data.explanation.panels) {
    panel.name = evil;
    for (auto& gene : panel.genes) gene.gene = gene.modality = evil;
  }
  for (auto& set : data.explanation.gene_sets) set.set = set.of_class = set.modality = evil;
  data.preparation = {{evil, evil, evil, evil}};
  data.provenance = {{evil, evil}};
  const std::string page = make_page(data);
  EXPECT_EQ(count_of(page, "<script"), 1);  // our own
  EXPECT_EQ(count_of(page, "</script"), 1);
}

TEST(Page, LeavesOutWhatIsNotThereAndSaysSo) {
  ReportData data;
  data.title = "nothing yet";
  const std::string page = make_page(data);
  EXPECT_EQ(count_of(page, "<section id="), 0);
  EXPECT_EQ(count_of(page, "No embeddings were found"), 1);
  EXPECT_EQ(count_of(page, "No training log was found"), 1);
  data = make_report_example();
  data.embeddings.clear();
  data.explanation.panels.clear();
  EXPECT_EQ(count_of(make_page(data), "href=\"#embedding\""), 0);
  EXPECT_EQ(count_of(make_page(data), "href=\"#explanation\""), 0);
  EXPECT_EQ(count_of(make_page(make_report_example()), "href=\"#explanation\""), 1);
}

TEST(Page, ShowsTheGenesOfEachClassAndTheirSets) {
  const std::string page = make_page(make_report_example());
  EXPECT_EQ(count_of(page, "class=\"mark mark-gene"), 5 * 10);
  EXPECT_EQ(count_of(page, "HALLMARK_ESTROGEN_RESPONSE_EARLY"), 1);
  EXPECT_EQ(count_of(page, "The 2 strongest of 500 tests"), 1);
}

TEST(Page, SaysHowFarTheOriginOfTheSamplesGivesTheOutcomeAway) {
  ReportData data;
  data.title = "origin";
  data.batches = {{"tissue <site>", 12, 345, 22, 61.25, 0.0000123, 0.3, 0.24},
                  {"batch", 3, 345, 4, 1.5, kNotANumber, 0.05, 0.0}};
  const std::string page = make_page(data);
  EXPECT_EQ(count_of(page, "The tissue &lt;site&gt; (12 groups, 345 samples)"), 1);
  EXPECT_EQ(count_of(page, "V 0.240 after correction"), 1);
  EXPECT_EQ(count_of(page, "chi-square 61.2 on 22 degrees of freedom, p &lt; 0.001"), 1);
  EXPECT_EQ(count_of(page, "no p-value"), 1);
}

TEST(Page, PrintsUndefinedNumbersAsSuch) {
  ReportData data = make_report_example();
  for (auto& score : data.conditions[0].methods[1].scores)
    score = {score.metric, kNotANumber, kNotANumber, kNotANumber, kNotANumber, {}};
  const std::string page = make_page(data);
  EXPECT_GT(count_of(page, "data-value=\"n/a\">n/a<"), 0);
  EXPECT_EQ(count_of(page, "\"nan") + count_of(page, ">nan") + count_of(page, " nan"), 0);
}

}  // namespace
}  // namespace cohesin
