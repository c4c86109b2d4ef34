#include "cohesin/io/bigwig_reader.h"

#include <gmock/gmock.h>

#include <limits>

#include "cohesin/base/file.h"
#include "cohesin/io/bigwig.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using testing::TempFolder;

TEST(BigWigReader, BinsAreMeansWithZeroWhereNothingIs) {
  const TempFolder folder;
  write_bigwig(folder / "a.bw", {{"chr1", 1000}, {"chr2", 500}},
               {{"chr1", 4, 12, 2}, {"chr1", 12, 14, 8}, {"chr1", 990, 1000, 5}});
  const BigWigReader reader(folder / "a.bw");
  EXPECT_EQ(reader.chrom_length("chr1"), 1000);
  EXPECT_EQ(reader.chrom_length("chr9"), std::nullopt);
  const auto bins = reader.means("chr1", 0, 24, 8);
  EXPECT_THAT(bins.means, ElementsAre(1, 3, 0));  // 4 * 2 / 8, (4 * 2 + 2 * 8) / 8
  EXPECT_EQ(bins.covered, 10);
  EXPECT_THAT(reader.means("chr1", 8, 16, 8).means, ElementsAre(3));
  // Beyond the end of the chromosome, and where there is nothing.
  EXPECT_THAT(reader.means("chr1", 992, 1008, 8).means, ElementsAre(5, 0));
  EXPECT_THAT(reader.means("chr2", 0, 16, 8).means, ElementsAre(0, 0));
}

TEST(BigWigReader, WhatIsNoBigWigIsRefused) {
  const TempFolder folder;
  EXPECT_ERROR(BigWigReader(folder / "absent.bw"), "absent.bw: no such file");
  EXPECT_ERROR(BigWigReader(folder.write("t.bw", "chr1\t0\t10\t1\n")), "t.bw: is no bigWig");
  write_bigwig(folder / "nan.bw", {{"c", 100}},
               {{"c", 0, 16, std::numeric_limits<float>::quiet_NaN()}});
  EXPECT_ERROR(BigWigReader(folder / "nan.bw").means("c", 0, 16, 8), "nan.bw: c:0-16");
}

}  // namespace
}  // namespace cohesin
