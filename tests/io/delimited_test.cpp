#include "cohesin/io/delimited.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using testing::TempFolder;

class ReadTable : public ::testing::Test {
 protected:
  Table read(const std::string& content, const std::string& unit = "other",
             Orientation orientation = Orientation::kSamplesByFeatures,
             const std::string& name = "t.csv") {
    notes = {};
    return read_table(folder.write(name, content), {"rnaseq", orientation, parse_file_unit(unit)},
                      &notes);
  }
  TempFolder folder;
  TableNotes notes;
};

TEST_F(ReadTable, GivesNamesAndValuesInTheOrderOfTheFile) {
  const Table table = read("sample,b,a\ns2,1,-2.5\ns1,1e-3,+4\n");
  EXPECT_THAT(table.samples, ElementsAre("s2", "s1"));
  EXPECT_THAT(table.features, ElementsAre("b", "a"));
  EXPECT_THAT(table.values, ElementsAre(1.0F, -2.5F, 1e-3F, 4.0F));
}

TEST_F(ReadTable, TakesPandasAndRHeaders) {
  EXPECT_THAT(read(",FMO2,APIP\ns1,1,2\n").features, ElementsAre("FMO2", "APIP"));
  EXPECT_THAT(read("FMO2,APIP\ns1,1,2\n").features, ElementsAre("FMO2", "APIP"));
  EXPECT_THAT(read("\"\",\"FMO2\",\"A,B\"\n\"s\"\"1\",\"1\",2\n").features,
              ElementsAre("FMO2", "A,B"));
}

TEST_F(ReadTable, FindsTheSeparatorByNameOrHeader) {
  EXPECT_EQ(read("sample\ta\tb\ns1\t1\t2\n", "other", Orientation::kSamplesByFeatures, "t.txt")
                .num_features(),
            2U);
  EXPECT_EQ(
      read("sample\ta,b\ns1\t1\n", "other", Orientation::kSamplesByFeatures, "t.tsv").features[0],
      "a,b");
  EXPECT_EQ(read("sample;a;b\ns1;1;2\n").num_features(), 2U);
  EXPECT_ERROR(read("sample\ns1\n"), "t.csv:1: the header has no tab, comma or semicolon");
}

TEST_F(ReadTable, TurnsFeaturesBySamplesAround) {
  const Table table =
      read("sample,s1,s2,s3\nTP53,1,2,3\nEGFR,4,5,6\n", "other", Orientation::kFeaturesBySamples);
  EXPECT_THAT(table.samples, ElementsAre("s1", "s2", "s3"));
  EXPECT_THAT(table.features, ElementsAre("TP53", "EGFR"));
  EXPECT_THAT(table.values, ElementsAre(1.0F, 4.0F, 2.0F, 5.0F, 3.0F, 6.0F));
}

TEST_F(ReadTable, TurnsALargeTableAroundExactly) {
  std::string text = "id";
  for (int s = 0; s < 150; ++s) text += fmt::format(",s{}", s);
  for (int g = 0; g < 70; ++g) {
    text += fmt::format("\ng{}", g);
    for (int s = 0; s < 150; ++s) text += fmt::format(",{}", g * 1000 + s);
  }
  const Table table = read(text, "other", Orientation::kFeaturesBySamples);
  for (size_t s = 0; s < 150; ++s)
    for (size_t g = 0; g < 70; ++g) ASSERT_EQ(table.row(s)[g], static_cast<float>(g * 1000 + s));
}

TEST_F(ReadTable, CountsWhatIsNotMeasuredAndNamesTheFirst) {
  const Table table = read("sample,a,b,c\ns1,1,,3\ns2,NA,NaN,null\n");
  EXPECT_EQ(notes.num_missing, 4);
  EXPECT_EQ(notes.first_missing, "sample s1, feature b (line 2)");
  EXPECT_TRUE(std::isnan(table.row(0)[1]));
  EXPECT_EQ(table.row(0)[2], 3.0F);
}

TEST_F(ReadTable, TextAndInfinityAreErrorsWithTheirPlace) {
  EXPECT_ERROR(read("sample,a,b\ns1,1,2\ns2,3,high\n"),
               "t.csv:3: column 3 (sample 's2', feature 'b'): expected a number or NA, got 'high'");
  EXPECT_ERROR(read("id,s1,s2\nA,1,2\nB,3,x\n", "other", Orientation::kFeaturesBySamples),
               "t.csv:3: column 3 (sample 's2', feature 'B')");
  EXPECT_ERROR(read("sample,a\ns1,inf\n"), "expected a finite number, got 'inf'");
  EXPECT_ERROR(read("sample,a\ns1,-Infinity\n"), "got '-Infinity'");
  EXPECT_ERROR(read("sample,a\ns1,1e999\n"), "expected a finite number, got '1e999'");
  EXPECT_ERROR(read("sample,a\ns1,1e300\n"), "beyond the range of a float");
  EXPECT_ERROR(read("sample;a\ns1;0,5\n"), "got '0,5'");
}

TEST_F(ReadTable, EmptyHeaderOnlyAndRaggedFilesAreErrors) {
  EXPECT_ERROR(read(""), "t.csv: is empty");
  EXPECT_ERROR(read("sample,a,b\n"), "has a header and no rows");
  EXPECT_ERROR(read("sample,a,b\ns1,1,2\ns2,3\n"),
               "t.csv:3: expected 3 fields as in the header, got 2");
  EXPECT_ERROR(read("sample,a,b\ns1,1,2\ns2,3,4,5\n"), "expected 3 fields as in the header, got 4");
  EXPECT_ERROR(read("sample,a,b\ns1,1,2\ns2,3,\"4\",5\n"),
               "expected 3 fields as in the header, got 4");
  EXPECT_ERROR(read("sample,a,b\ns1,1,2\n\ns2,3,4\n"), "t.csv:3: the line is empty");
  EXPECT_ERROR(read("sample,a,\ns1,1,2\n"), "t.csv:1: column 3 has no name");
  EXPECT_ERROR(read("sample,a\n,1\n"), "t.csv:2: the row has no name");
  EXPECT_ERROR(read("1.5,2.5,3\n4.5,5,6\n"), "the first line holds numbers");
  EXPECT_EQ(read("sample,a\r\ns1,1\r\n\r\n").num_samples(), 1U);
}

TEST_F(ReadTable, AQuotedFieldMustCloseOnItsLine) {
  EXPECT_ERROR(read("sample,a\n\"s1,1\ns2,2\n"), "a quoted field is not closed");
  EXPECT_ERROR(read("sample,a\n\"s\n1\",2\n"), "a quoted field goes on from the line before");
  EXPECT_ERROR(read("sample,a\n\"s1\"x,1\n"), "text follows the closing quote");
}

TEST_F(ReadTable, UndoesLog2TpmInDoubleAndCountsWhatItClips) {
  const Table table = read("sample,a,b,c\ns1,-9.9658,0,3.5\ns2,-9.9658,1,2\n", "log2_tpm:0.001");
  EXPECT_EQ(table.row(0)[0], 0.0F);
  EXPECT_EQ(table.row(0)[1], static_cast<float>(0.999));
  EXPECT_EQ(table.row(0)[2], static_cast<float>(std::exp2(3.5) - 0.001));
  EXPECT_EQ(notes.num_clipped, 2);
  EXPECT_EQ(notes.first_clipped, "sample s1, feature a (line 2)");
}

TEST_F(ReadTable, TurnsMValuesIntoBeta) {
  const Table table = read("sample,a,b,c\ns1,0,1,-40\n", "m_value");
  EXPECT_EQ(table.values[0], 0.5F);
  EXPECT_FLOAT_EQ(table.values[1], 2.0F / 3.0F);
  EXPECT_GE(table.values[2], 0.0F);
}

TEST_F(ReadTable, ValuesThatTheUnitForbidsAreErrorsWithTheirPlace) {
  EXPECT_ERROR(read("sample,a,b\ns1,1,2\ns2,3,-0.5\n", "tpm"),
               "t.csv:3: column 3 (sample 's2', feature 'b'): -0.5 does not fit the unit: a TPM is "
               "never negative; say what the file holds with --unit rnaseq=UNIT");
  EXPECT_ERROR(read("sample,a\ns1,1.2\n", "beta"), "a beta value lies in [0, 1]");
  EXPECT_ERROR(read("sample,a\ns1,-1\n", "counts"), "a count is never negative");
  EXPECT_EQ(read("sample,a\ns1,-1\n", "log_ratio").values[0], -1.0F);
}

TEST_F(ReadTable, ATableThatLiesTheOtherWayRoundIsAnErrorThatNamesTheFlag) {
  const std::string flag = "pass --orientation rnaseq=features-by-samples";
  EXPECT_ERROR(read("sample,s1,s2\nENSG00000000003.15,1,2\nENSG00000000005.6,3,4\n"), flag);
  EXPECT_ERROR(read("Ensembl_ID,s1,s2\nA,1,2\n"), flag);
  EXPECT_ERROR(read("sample,s1,s2\nTP53,1,2\nEGFR,1,2\nC1orf1,1,2\nMYC,1,2\n"), flag);
  EXPECT_ERROR(read("x,TCGA-02-0001-01A,TCGA-02-0002-01A\na,1,2\nb,3,4\n"), flag);
  EXPECT_ERROR(read("sample,s1\ncg00000029,1\n"), flag);
  EXPECT_ERROR(
      read("x,ENSG00000000003\nTCGA-02-0001-01A,1\n", "other", Orientation::kFeaturesBySamples),
      "pass --orientation rnaseq=samples-by-features");
}

TEST_F(ReadTable, GenesAmongSamplesAreNoMixUp) {
  EXPECT_NO_THROW(read("sample,TP53,EGFR,MYC\nTCGA-02-0001-01A,1,2,3\n"));
  EXPECT_NO_THROW(read("sample,1,2,3\n10,1,2,3\n"));
  EXPECT_NO_THROW(
      read("x,TCGA-02-0001-01A\nENSG00000000003,1\n", "other", Orientation::kFeaturesBySamples));
}

TEST(ReadFrame, TypesColumnsAsPeopleWriteThem) {
  const TempFolder folder;
  const Frame frame =
      read_frame(folder.write("l.csv",
                              "id,class,code,age,empty\n"
                              "s1,LumA,007,61,\ns2,NA,008,NaN,\ns1,\"a, b\",1,40.5,NA\n"));
  EXPECT_THAT(frame.index, ElementsAre("s1", "s2", "s1"));
  EXPECT_THAT(frame.at("class", "l").text(), ElementsAre("LumA", "", "a, b"));
  EXPECT_THAT(frame.at("code", "l").text(), ElementsAre("007", "008", "1"));
  EXPECT_EQ(frame.at("age", "l").numbers()[2], 40.5);
  EXPECT_TRUE(std::isnan(frame.at("age", "l").numbers()[1]));
  EXPECT_THAT(frame.at("empty", "l").text(), ElementsAre("", "", ""));
}

TEST(ReadFrame, TakesAnyColumnAsIndex) {
  const TempFolder folder;
  const auto path = folder.write("l.csv", ",case_id,age\n0,TCGA-1,61\n1,TCGA-2,62\n");
  const Frame frame = read_frame(path, "case_id");
  EXPECT_THAT(frame.index, ElementsAre("TCGA-1", "TCGA-2"));
  EXPECT_THAT(frame.at("unnamed_0", "l").numbers(), ElementsAre(0.0, 1.0));
  EXPECT_ERROR(read_frame(path, "caseid"), "no column 'caseid' (did you mean 'case_id'?)");
}

TEST(ReadFrame, KeepsLineEndsInsideQuotes) {
  const TempFolder folder;
  const Frame frame = read_frame(folder.write("l.csv", "id,note\ns1,\"two\nlines \"\"so\"\"\"\n"));
  EXPECT_THAT(frame.at("note", "l").text(), ElementsAre("two\nlines \"so\""));
}

TEST(ReadFrame, BrokenFilesAreErrors) {
  const TempFolder folder;
  EXPECT_ERROR(read_frame(folder.write("l.csv", "")), "is empty");
  EXPECT_ERROR(read_frame(folder.write("l.csv", "id,a\n")), "has a header and no rows");
  EXPECT_ERROR(read_frame(folder.write("l.csv", "id,a\ns1,1,2,3\n")), "l.csv:2: expected 2 fields");
  EXPECT_ERROR(read_frame(folder.write("l.csv", "id,a,a\ns1,1,2\n")), "two columns are called 'a'");
  EXPECT_ERROR(read_frame(folder.write("l.csv", "id,a\n,1\n")), "row 1 has no name in column 'id'");
}

}  // namespace
}  // namespace cohesin
