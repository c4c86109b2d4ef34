#include "cohesin/io/predictions.h"

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

const std::string kHeader =
    "sample\tfold\tmodalities\thidden\tlabel\tpredicted\tprobability:A\tprobability:B\n";

class ReadPredictions : public ::testing::Test {
 protected:
  PredictionTable read(const std::string& text) {
    return read_predictions(folder_.write("predictions.tsv", text));
  }
  testing::TempFolder folder_;
};

TEST_F(ReadPredictions, TakesClassesFromTheHeaderAndKeepsUnknownLabels) {
  const PredictionTable table = read(kHeader +
                                     "s1\t0\trnaseq,methylation\t\tA\tB\t0.25\t0.75\n"
                                     "s1\t0\trnaseq\tmethylation\tA\tA\t1\t0\n"
                                     "s2\t1\trnaseq\t\t\tB\t0.5\t0.5\n");
  EXPECT_EQ(table.fold, (std::vector<std::string>{"0", "0", "1"}));
  EXPECT_EQ(table.hidden, (std::vector<std::string>{"", "methylation", ""}));
  const auto& classes = table.classes.value();
  EXPECT_EQ(classes.classes, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(classes.label, (std::vector<std::string>{"A", "A", ""}));
  EXPECT_EQ(classes.probability, (std::vector<double>{0.25, 0.75, 1, 0, 0.5, 0.5}));
}

TEST_F(ReadPredictions, TakesAnotherToolsTableInItsOwnColumnOrder) {
  const PredictionTable table = read(
      "probability:B\tsample\tlogit\tlabel\tpredicted\tprobability:A\n"
      "0.9\ts1\t2.2\tB\tB\t0.1\n");
  EXPECT_TRUE(table.fold.empty());
  EXPECT_EQ(table.modalities, std::vector<std::string>{""});
  EXPECT_EQ(table.classes.value().probability, (std::vector<double>{0.9, 0.1}));
}

TEST_F(ReadPredictions, TakesSurvivalAndValues) {
  const auto times =
      read("sample\ttime_days\tevent\trisk\tsurvival:365\ns1\t10.5\t1\t-0.2\t0.9\ns2\t\t\t1\t0.1\n")
          .survival.value();
  EXPECT_EQ(times.horizons_days, std::vector<double>{365});
  EXPECT_EQ(times.event, (std::vector<int64_t>{1, 0}));
  EXPECT_TRUE(std::isnan(times.time_days[1]));
  const auto values = read("sample\ttarget:x\tpredicted:x\ns1\t1.5\t2\ns2\t\t-3\n").values.value();
  EXPECT_EQ(values.predicted, (std::vector<double>{2, -3}));
  EXPECT_TRUE(std::isnan(values.target[1]));
}

TEST_F(ReadPredictions, TakesTheKindsOfAJointTaskTogetherAndTheCohort) {
  const std::string text =
      "sample\tmodalities\thidden\tcohort\tlabel\tpredicted\tprobability:A\tprobability:B\t"
      "time_days\tevent\trisk\ttarget:x\tpredicted:x\n"
      "s1\trnaseq\t\tLGG\tA\tB\t0.25\t0.75\t10\t1\t0.5\t1\t2\n";
  const PredictionTable table = read(text);
  EXPECT_EQ(table.cohort, std::vector<std::string>{"LGG"});
  EXPECT_EQ(table.classes.value().label, std::vector<std::string>{"A"});
  EXPECT_EQ(table.survival.value().risk, std::vector<double>{0.5});
  EXPECT_EQ(table.values.value().predicted, std::vector<double>{2});
  EXPECT_EQ(format_predictions(table), text);
}

TEST_F(ReadPredictions, ReadsBackWhatIsWritten) {
  const PredictionTable table = read(kHeader +
                                     "s1\t0\trnaseq\t\tA\tB\t0.1\t0.9\n"
                                     "s2\t1\trnaseq\t\t\tB\t0.3333333333333333\t6e-17\n");
  write_predictions(folder_ / "again.tsv", table);
  EXPECT_EQ(format_predictions(read_predictions(folder_ / "again.tsv")), format_predictions(table));
  const auto again = read_predictions(folder_ / "again.tsv").classes.value();
  EXPECT_EQ(again.probability, table.classes.value().probability);
}

TEST_F(ReadPredictions, RefusesWhatIsNoTable) {
  EXPECT_ERROR(read(""), "is empty");
  EXPECT_ERROR(read(kHeader), "has a header but no rows");
  EXPECT_ERROR(read("sample\tlabel\tlabel\n"), "the column 'label' occurs twice");
  EXPECT_ERROR(read("name\tlabel\tpredicted\tprobability:A\nx\tA\tA\t1\n"), "no column 'sample'");
  EXPECT_ERROR(read("sample\tpredicted\tprobability:A\nx\tA\t1\n"), "no column 'label'");
  EXPECT_ERROR(read("sample\tlabel\tpredicted\nx\tA\tA\n"), "no column 'probability:CLASS'");
  EXPECT_ERROR(read("sample\ttarget:x\nx\t1\n"), "no column 'predicted:x'");
  EXPECT_ERROR(read_predictions(folder_ / "absent.tsv"), "absent.tsv");
}

TEST_F(ReadPredictions, ErrorNamesLineAndField) {
  const std::string good = "s1\t0\trnaseq\t\tA\tA\t1\t0\n";
  EXPECT_ERROR(read(kHeader + good + "s2\t0\trnaseq\t\tA\tA\t1\n"),
               "predictions.tsv:3: expected 8 columns as in the header, got 7");
  EXPECT_ERROR(read(kHeader + good + "s2\t0\trnaseq\t\tA\tA\t1.5\t0\n"),
               "predictions.tsv:3: 'probability:A' is 1.5");
  EXPECT_ERROR(read(kHeader + "s1\t0\trnaseq\t\tA\tA\t-0.1\t0\n"), "'probability:A' is -0.1");
  EXPECT_ERROR(read(kHeader + "s1\t0\trnaseq\t\tA\tA\tnan\t0\n"), "probability:A");
  EXPECT_ERROR(read(kHeader + "s1\t0\trnaseq\t\tA\tA\thigh\t0\n"), "'high'");
  EXPECT_ERROR(read(kHeader + "s1\t0\trnaseq\t\tA\tC\t1\t0\n"), "'predicted' is 'C'");
  EXPECT_ERROR(read(kHeader + "s1\t0\trnaseq\t\tC\tA\t1\t0\n"), "'label' is 'C'");
  EXPECT_ERROR(read(kHeader + "\t0\trnaseq\t\tA\tA\t1\t0\n"), "'sample' is empty");
  EXPECT_ERROR(read(kHeader + "s1\t\trnaseq\t\tA\tA\t1\t0\n"), "'fold' is empty");
  EXPECT_ERROR(read(kHeader + good + good), "the sample 's1' was on line 2 already");
  EXPECT_ERROR(read("sample\ttime_days\tevent\trisk\ns\t-1\t1\t0\n"), "'time_days' is -1");
  EXPECT_ERROR(read("sample\ttime_days\tevent\trisk\ns\t1\t2\t0\n"), "'event' is 2");
  EXPECT_ERROR(read("sample\ttime_days\tevent\trisk\ns\t1\t\t0\n"), "both known or both empty");
}

TEST_F(ReadPredictions, TheSameSampleMayStandInAnotherFoldOrWithAnotherModalityHidden) {
  EXPECT_EQ(read(kHeader + "s1\t0\trnaseq\t\tA\tA\t1\t0\n" + "s1\t1\trnaseq\t\tA\tA\t1\t0\n" +
                 "s1\t1\trnaseq\tmethylation\tA\tA\t1\t0\n")
                .num_rows(),
            3);
}

TEST(FormatPredictions, RefusesANameThatWouldBreakTheTable) {
  PredictionTable table;
  table.sample = {"a\tb"};
  table.modalities = table.hidden = {""};
  table.classes.emplace();
  table.classes->classes = table.classes->label = table.classes->predicted = {"A"};
  table.classes->probability = {1};
  EXPECT_ERROR(format_predictions(table), "tab or a line break");
}

}  // namespace
}  // namespace cohesin
