#include "cohesin/omics/append_table.h"

#include <gmock/gmock.h>

#include <cmath>

#include "cohesin/omics/missing_values.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;

TEST(AppendRows, MatchesColumnsByNameAndTakesTheUnion) {
  Table table;
  append_rows(table, {{"s1"}, {"a", "b"}, {1, 2}});
  EXPECT_TRUE(append_rows(table, {{"s2"}, {"b", "a"}, {4, 3}}).same());
  const AppendedFeatures appended = append_rows(table, {{"s3"}, {"c", "a"}, {6, 5}});
  EXPECT_EQ(appended.num_new, 1);
  EXPECT_EQ(appended.first_lacking, "b");
  EXPECT_THAT(table.samples, ElementsAre("s1", "s2", "s3"));
  EXPECT_THAT(table.features, ElementsAre("a", "b", "c"));
  EXPECT_EQ(table.row(1)[0], 3.0F);
  EXPECT_TRUE(std::isnan(table.row(1)[2]));
  EXPECT_TRUE(std::isnan(table.row(2)[1]));
  EXPECT_EQ(table.row(2)[2], 6.0F);
}

TEST(MissingValues, TheMedianIsThatOfTheMeasuredValuesOfTheFeature) {
  Table table{{"s1", "s2", "s3", "s4"},
              {"a", "b"},
              {1, kNotMeasured, 3, kNotMeasured, kNotMeasured, kNotMeasured, 10, kNotMeasured}};
  Findings findings;
  settle_missing_values(table, MissingValues::kMedian, {}, "rnaseq", "r.csv", findings);
  EXPECT_EQ(table.row(2)[0], 3.0F);
  EXPECT_TRUE(std::isnan(table.row(0)[1]));
  EXPECT_EQ(noted(findings, "rnaseq", "missing_values"), 5);
  EXPECT_EQ(noted(findings, "rnaseq", "features_never_measured"), 1);
  EXPECT_ERROR(parse_missing_values("drop"), "expected error, mask or median");
}

TEST(MissingValues, GenesThatOnlyTheListHasAreNoMissingValues) {
  Table table{{"s1"}, {"a", "b"}, {1, kNotMeasured}};
  Findings findings;
  settle_missing_values(table, MissingValues::kError, {1, 0}, "rnaseq", "r.csv", findings);
  EXPECT_ERROR(
      settle_missing_values(table, MissingValues::kError, {1, 1}, "rnaseq", "r.csv", findings),
      "r.csv: 1 of 2 values are not measured (first: sample s1, feature b)");
}

}  // namespace
}  // namespace cohesin
