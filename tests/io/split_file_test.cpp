#include "cohesin/io/split_file.h"

#include <gmock/gmock.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using testing::TempFolder;

TEST(SplitFile, ReadsWhatItWrites) {
  const TempFolder folder;
  const SampleSplit split{"fold", {"s2", "s1", "s3"}, {"10", "2", "0"}};
  const SampleSplit read = read_split(folder.write("f.tsv", split_tsv(split)));
  EXPECT_EQ(read.column, "fold");
  EXPECT_THAT(read.samples, ElementsAre("s2", "s1", "s3"));
  EXPECT_THAT(read.parts, ElementsAre("10", "2", "0"));
  EXPECT_THAT(read.part_names(), ElementsAre("0", "2", "10"));
}

TEST(SplitFile, PartsStandInTheOrderOfTheirUse) {
  EXPECT_THAT((SampleSplit{"split", {"a", "b", "c"}, {"test", "train", "valid"}}).part_names(),
              ElementsAre("train", "valid", "test"));
}

TEST(SplitFile, BrokenFilesNameTheLine) {
  const TempFolder folder;
  const auto read = [&](const std::string& text) {
    return read_split(folder.write("f.tsv", text));
  };
  EXPECT_ERROR(read(""), "f.tsv: is empty");
  EXPECT_ERROR(read("sample\tfold\n"), "has a header and no rows");
  EXPECT_ERROR(read("sample,fold\ns1,0\n"), "f.tsv:1: expected the header");
  EXPECT_ERROR(read("sample\tfold\ns1\t0\ns1\t1\n"), "f.tsv:3: sample 's1' occurs twice");
  EXPECT_ERROR(read("sample\tfold\ns1\n"), "f.tsv:2: expected 2 fields, got 1");
  EXPECT_ERROR(read("sample\tfold\ns1\t\n"), "f.tsv:2: a field is empty");
  EXPECT_ERROR(read("sample\tsplit\ns1\tdev\n"), "expected train, valid or test, got 'dev'");
}

}  // namespace
}  // namespace cohesin
