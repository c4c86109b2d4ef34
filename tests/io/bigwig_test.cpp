#include "cohesin/io/bigwig.h"

#define NOCURL  // bigWig.h asks for the headers of curl otherwise, which nothing here needs
#include <bigWig.h>
#include <gmock/gmock.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using testing::TempFolder;

// "start-end=value" of all intervals of a chromosome.
std::vector<std::string> intervals_of(const std::filesystem::path& path, const char* chrom) {
  bigWigFile_t* file = bwOpen(path.c_str(), nullptr, "r");
  if (file == nullptr) throw Error("{} cannot be opened", path.string());
  bwOverlappingIntervals_t* found = bwGetOverlappingIntervals(file, chrom, 0, 1000000);
  std::vector<std::string> texts;
  for (uint32_t i = 0; found != nullptr && i < found->l; ++i)
    texts.push_back(fmt::format("{}-{}={}", found->start[i], found->end[i], found->value[i]));
  bwDestroyOverlappingIntervals(found);
  bwClose(file);
  return texts;
}

TEST(BigWig, IntervalsInAnyOrderAreReadBack) {
  const TempFolder folder;
  const auto path = folder / "a.bw";
  write_bigwig(path, {{"chr1", 1000}, {"chr10", 50}, {"chr2", 500}},
               {{"chr2", 0, 16, 1.5F}, {"chr1", 984, 1000, 3}, {"chr1", 16, 32, -2}});
  EXPECT_THAT(intervals_of(path, "chr1"), ElementsAre("16-32=-2", "984-1000=3"));
  EXPECT_THAT(intervals_of(path, "chr2"), ElementsAre("0-16=1.5"));
  EXPECT_THAT(intervals_of(path, "chr10"), ElementsAre());
}

TEST(BigWig, BasesThatAreThereAlreadyAreLeftOut) {
  const TempFolder folder;
  const auto path = folder / "a.bw";
  write_bigwig(path, {{"c", 1000}}, {{"c", 8, 24, 2}, {"c", 0, 16, 1}, {"c", 9, 20, 3}});
  EXPECT_THAT(intervals_of(path, "c"), ElementsAre("0-16=1", "16-24=2"));
}

TEST(BigWig, ManyIntervalsTakeManyBlocks) {
  const TempFolder folder;
  const auto path = folder / "a.bw";
  std::vector<BigWigInterval> intervals;
  for (int64_t i = 0; i < 50000; ++i)
    intervals.push_back({"c", i * 16, i * 16 + 16, static_cast<float>(i)});
  write_bigwig(path, {{"c", 800000}}, intervals);
  const auto found = intervals_of(path, "c");
  ASSERT_EQ(found.size(), 50000U);
  EXPECT_EQ(found[49999], "799984-800000=49999");
}

TEST(BigWig, IntervalsBeyondTheChromosomeAreRefused) {
  const TempFolder folder;
  EXPECT_ERROR(write_bigwig(folder / "a.bw", {{"c", 10}}, {{"c", 0, 16, 1}}),
               "a.bw: c:0-16 lies beyond");
  EXPECT_ERROR(write_bigwig(folder / "a.bw", {{"c", 10}}, {{"d", 0, 6, 1}}), "d:0-6 lies beyond");
  EXPECT_FALSE(std::filesystem::exists(folder / "a.bw"));
}

}  // namespace
}  // namespace cohesin
