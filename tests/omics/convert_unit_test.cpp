#include "cohesin/omics/convert_unit.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;

TEST(FileUnit, UnknownUnitsAreErrorsWithTheList) {
  EXPECT_ERROR(parse_file_unit("rpkm"), "unknown unit 'rpkm': expected tpm, log2_tpm:OFFSET");
  EXPECT_ERROR(parse_file_unit("log2_tpm"), "log2_tpm:0.001");
  EXPECT_ERROR(parse_file_unit("log2_tpm:x"), "OFFSET must be a number");
  EXPECT_ERROR(parse_file_unit("log2_tpm:-1"), "OFFSET must be a number");
  EXPECT_EQ(parse_file_unit("log2_tpm:0.001").offset, 0.001);
}

TEST(FileUnit, EveryUnitOfFilesBecomesAStoredOne) {
  EXPECT_EQ(stored_unit(parse_file_unit("log2_tpm:1")), Unit::kTpm);
  EXPECT_EQ(stored_unit(parse_file_unit("counts")), Unit::kTpm);
  EXPECT_EQ(stored_unit(parse_file_unit("fpkm")), Unit::kTpm);
  EXPECT_EQ(stored_unit(parse_file_unit("m_value")), Unit::kBeta);
  for (const Unit unit : {Unit::kTpm, Unit::kBeta, Unit::kLogRatio, Unit::kOther})
    EXPECT_EQ(stored_unit(file_unit(unit)), unit);
}

TEST(ConvertValue, IsTheInverseOfTheFilesLogarithm) {
  int64_t num_clipped = 0;
  const FileUnit unit = parse_file_unit("log2_tpm:0.001");
  for (const double tpm : {0.0, 0.5, 17.0, 352513.4})
    EXPECT_NEAR(convert_value(unit, std::log2(tpm + 0.001), num_clipped), tpm, 1e-9 * (1 + tpm));
  EXPECT_EQ(convert_value(unit, -12, num_clipped), 0);
  EXPECT_EQ(num_clipped, 1);
  EXPECT_TRUE(std::isnan(convert_value(unit, std::nan(""), num_clipped)));
}

TEST(ConvertValue, MValuesStayInsideZeroAndOne) {
  int64_t num_clipped = 0;
  const FileUnit unit = parse_file_unit("m_value");
  for (const double beta : {0.01, 0.5, 0.99})
    EXPECT_NEAR(convert_value(unit, std::log2(beta / (1 - beta)), num_clipped), beta, 1e-12);
  EXPECT_EQ(convert_value(unit, 5000, num_clipped), 1);
  EXPECT_EQ(convert_value(unit, -5000, num_clipped), 0);
}

TEST(ToTpm, CountsPerKilobaseSumToAMillion) {
  Table table{{"s1"}, {"a", "b", "c"}, {10, 20, kNotMeasured}};
  to_tpm(table, parse_file_unit("counts"), {{"a", 1000}, {"b", 4000}, {"c", 500}}, "c.csv");
  EXPECT_FLOAT_EQ(table.values[0], 1e6F * 10 / 15);
  EXPECT_FLOAT_EQ(table.values[1], 1e6F * 5 / 15);
  EXPECT_TRUE(std::isnan(table.values[2]));
}

TEST(ToTpm, FpkmNeedsNoLengths) {
  Table table{{"s1"}, {"a", "b"}, {1, 3}};
  to_tpm(table, parse_file_unit("fpkm"), {}, "f.csv");
  EXPECT_THAT(table.values, ElementsAre(250000.0F, 750000.0F));
}

TEST(ToTpm, GenesWithoutLengthAndSamplesWithoutReadsAreErrors) {
  Table table{{"s1"}, {"a", "b"}, {1, 3}};
  EXPECT_ERROR(to_tpm(table, parse_file_unit("counts"), {{"a", 1000}}, "c.csv"),
               "c.csv: 1 of the 2 genes have no length (first: b)");
  Table empty{{"s1"}, {"a"}, {0}};
  EXPECT_ERROR(to_tpm(empty, parse_file_unit("fpkm"), {}, "c.csv"), "sample 's1' has no reads");
}

}  // namespace
}  // namespace cohesin
