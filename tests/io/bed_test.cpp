#include "cohesin/io/bed.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

TEST(Bed, RegionsWithTheirNamesAndLines) {
  const TempFolder folder;
  const auto regions = read_bed(folder.write(
      "a.bed",
      "# comment\ntrack name=x\nchr1\t0\t10\tGATA1\t0\t+\r\n\nchr2 5  7\nchr2\t5\t8\t.\n"));
  ASSERT_EQ(regions.size(), 3U);
  EXPECT_EQ(regions[0].chrom, "chr1");
  EXPECT_EQ(regions[0].start, 0);
  EXPECT_EQ(regions[0].end, 10);
  EXPECT_EQ(regions[0].name, "GATA1");
  EXPECT_EQ(regions[0].line, 3);
  EXPECT_EQ(regions[1].name, "chr2:5-7");
  EXPECT_EQ(regions[1].line, 5);
  EXPECT_EQ(regions[2].name, "chr2:5-8");
}

TEST(Bed, WhatIsNoRegionIsAnErrorWithItsLine) {
  const TempFolder folder;
  const auto read = [&](const std::string& text) { return read_bed(folder.write("a.bed", text)); };
  EXPECT_ERROR(read("chr1\t1\t2\nchr1\t5\t5\n"), "a.bed:2: end 5 is not behind start 5");
  EXPECT_ERROR(read("chr1\t7\t5\n"), "a.bed:1: end 5 is not behind start 7");
  EXPECT_ERROR(read("chr1\t-1\t5\n"), "a.bed:1: start -1 is below 0");
  EXPECT_ERROR(read("chr1\tx\t5\n"), "a.bed:1: ");
  EXPECT_ERROR(read("chr1\t1\n"), "a.bed:1: 2 column(s)");
  EXPECT_ERROR(read("# nothing\n"), "a.bed: no region");
}

}  // namespace
}  // namespace cohesin
