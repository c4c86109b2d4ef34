#include <gtest/gtest.h>

#include <cmath>

#include "cohesin/report/gene_plot.h"
#include "cohesin/report/heat_map.h"
#include "cohesin/report/interval_plot.h"
#include "cohesin/report/line_plots.h"
#include "cohesin/report/plot_frame.h"
#include "cohesin/report/scatter_plot.h"
#include "tests/report/count_of.h"

namespace cohesin {
namespace {

using testing::count_of;

TEST(RoundTicks, AreRoundAndInside) {
  EXPECT_EQ(round_ticks(0, 1, 5), (std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}));
  EXPECT_EQ(round_ticks(3, 3, 5), std::vector<double>{3});
  EXPECT_EQ(tick_text(0.6000000000000001, 0.2), "0.6");
  EXPECT_EQ(tick_text(20000, 10000), "20k");
}

TEST(IntervalPlot, DrawsAMeanABarAndTheFoldsOfEachRow) {
  const std::vector<IntervalRow> rows = {{"mojo", 0.8, 0.75, 0.85, {0.78, 0.82}, true, true},
                                         {"logistic", 0.79, 0.7, 0.8, {0.7, 0.8}, false, false},
                                         {"n", kNotANumber, kNotANumber, kNotANumber, {}}};
  const std::string svg = draw_interval_plot(rows, common_range(rows), "Macro F1");
  EXPECT_EQ(count_of(svg, "mark-mean"), 2);
  EXPECT_EQ(count_of(svg, "mark-bar"), 2);
  EXPECT_EQ(count_of(svg, "mark-fold"), 4);
  EXPECT_EQ(count_of(svg, ">n/a<"), 1);
  EXPECT_EQ(count_of(svg, "nan"), 0);
}

TEST(IntervalPlot, PutsAnArrowForARowFarOff) {
  const std::vector<IntervalRow> rows = {{"mojo", 0.8, 0.75, 0.85, {0.78, 0.82}, true, true},
                                         {"majority", 0.3, 0.29, 0.31, {0.3, 0.3}, false, false}};
  const AxisRange range = common_range(rows);
  EXPECT_GT(range.low, 0.6);
  EXPECT_EQ(count_of(draw_interval_plot(rows, range, "Macro F1"), "mark-bar"), 1);
}

TEST(GenePlot, DrawsABarAGeneFromZeroAndAWhiskerWhereThereIsAnInterval) {
  GenePanel panel{"Basal", {}, 100};
  panel.genes = {{"FOXA1", "rnaseq", -0.5, -0.7, -0.3, 0.6, 90},
                 {"a<b", "methylation", 0.2, kNotANumber, kNotANumber, 0.3, 80}};
  const AxisRange range = gene_range({panel});
  EXPECT_LT(range.low, -0.7);
  EXPECT_GT(range.high, 0.2);
  const std::string svg = draw_gene_bars(panel, range, {"methylation", "rnaseq"}, "to the logit");
  EXPECT_EQ(count_of(svg, "mark mark-gene c1"), 1);
  EXPECT_EQ(count_of(svg, "mark mark-gene c0"), 1);
  EXPECT_EQ(count_of(svg, "class=\"whisker\""), 1);
  EXPECT_EQ(count_of(svg, "a<b"), 0);
  EXPECT_EQ(count_of(svg,
                     "FOXA1, rnaseq: −"
                     "0.500, 95 % interval −"
                     "0.700 to −"
                     "0.300"),
            2);
  EXPECT_EQ(gene_range({}).low, -1);
}

TEST(Confusion, HasACellForEveryPairAndNamesIt) {
  const ConfusionTable table = {{{5, 1, 0}, {0, 0, 0}, {2, 0, 8}}};
  const std::string svg = draw_confusion(table, {"a", "b", "<c>"});
  EXPECT_EQ(count_of(svg, "mark-cell"), 9);
  EXPECT_EQ(count_of(svg, "true a, predicted b: 1 of 6 (16.7 %)"), 1);
  EXPECT_EQ(count_of(svg, "true b, predicted a: 0 of 0 (n/a)"), 1);
  EXPECT_EQ(count_of(svg, "<c>"), 0);
}

TEST(Roc, DrawsALineAClass) {
  const std::string svg =
      draw_roc({{0, 0.75, {0, 0.5, 1}, {0, 1, 1}}, {1, 0.5, {0, 1}, {0, 1}}}, {"a", "b"});
  EXPECT_EQ(count_of(svg, "mark-roc"), 2);
  EXPECT_EQ(count_of(svg, "<title>a: AUC 0.750</title>"), 1);
}

TEST(Reliability, LeavesEmptyBinsOut) {
  const std::string svg = draw_reliability({{0, 0.5, 0, 0, 0}, {0.5, 1, 12, 0.8, 0.75}});
  EXPECT_EQ(count_of(svg, "mark-calibration"), 1);
  EXPECT_EQ(count_of(svg, "12 samples, mean confidence 0.800, right 0.750"), 2);
}

TEST(Training, DrawsEachLossOfEachRunAndItsLowestPoint) {
  const TrainingCurve both = {"training", "fold 1", {1, 2, 3}, {3, 2, 1}, {kNotANumber, 2.5, 2.7}};
  const TrainingCurve one = {"training", "fold 2", {1, 2}, {3, kNotANumber}, {}};
  const std::string svg = draw_training({both, one});
  EXPECT_EQ(count_of(svg, "mark-curve train"), 2);
  EXPECT_EQ(count_of(svg, "mark-curve validation"), 1);
  EXPECT_EQ(count_of(svg, "fold 1: lowest validation loss 2.500 at step 2"), 1);
  EXPECT_EQ(count_of(svg, "nan"), 0);
}

TEST(EmbeddingPlot, MarksEverySampleAndTheWrongOnes) {
  EmbeddingPanel panel;
  for (int i = 0; i < 20; ++i)
    panel.points.push_back({i * 1.0, i % 3 * 1.0, i % 10, (i + (i == 3 ? 1 : 0)) % 10, "S"});
  panel.points.push_back({0, 0, -1, -1, "unlabelled"});
  std::vector<std::string> classes(10, "class");
  const std::string svg = draw_embedding(panel, classes);
  EXPECT_EQ(count_of(svg, "mark-point"), 21);
  EXPECT_EQ(count_of(svg, " wrong\""), 1);
  EXPECT_EQ(count_of(svg, "unlabelled: label unknown"), 1);
  EXPECT_EQ(count_of(svg, "<rect"), 4);  // the ninth and tenth class are squares
}

}  // namespace
}  // namespace cohesin
