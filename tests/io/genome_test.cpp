#include "cohesin/io/genome.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

TEST(Genome, ChromosomesAndSlicesOfThem) {
  const TempFolder folder;
  const Genome genome(
      folder.write("a.fa", ">chr1 whole\nacgtuRn\n>chr2:100-104\nACGT\n>chr2:103-106|x\nTTTT\n"));
  EXPECT_EQ(genome.num_letters(), 15);
  const auto* whole = genome.find("chr1", 0, 7);
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(whole->letters, "ACGTTNN");
  EXPECT_EQ(whole->slice(-2, 3), "NNACG");
  EXPECT_EQ(whole->slice(5, 9), "NNNN");
  EXPECT_EQ(whole->slice(9, 11), "NN");
  EXPECT_EQ(whole->slice(-5, -2), "NNN");
  EXPECT_EQ(whole->slice(3, 3), "");
  const auto* half_open = genome.find("chr2", 100, 101);
  ASSERT_NE(half_open, nullptr);
  EXPECT_EQ(half_open->begin, 100);
  EXPECT_EQ(half_open->slice(99, 102), "NAC");
  // 103-106 with 4 letters is 1-based: 102 to 106; of two, the one in which it lies farther inside.
  EXPECT_EQ(genome.find("chr2", 103, 104)->begin, 102);
  EXPECT_EQ(genome.find("chr2", 102, 103)->letters.size(), 4U);
  EXPECT_EQ(genome.find("chr2", 99, 101), nullptr);
  EXPECT_EQ(genome.find("chr3", 0, 1), nullptr);
  EXPECT_EQ(genome.other_name("1"), "chr1");
  EXPECT_EQ(genome.other_name("chr3"), std::nullopt);
}

TEST(Genome, WhatIsNoGenomeIsAnErrorWithItsLine) {
  const TempFolder folder;
  const auto read = [&](const std::string& text) { return Genome(folder.write("a.fa", text)); };
  EXPECT_ERROR(read(">a\nACGT\n>p\nMEL\n"), "a.fa:3: 'p': letter 2 is 'E'");
  EXPECT_ERROR(read(">p\nACGL\n"), "a.fa:1: 'p': letter 4 is 'L', which is no base");
  EXPECT_ERROR(read(">a\nACGT\n>a\nACGT\n"), "a.fa:3: 'a': a second record of this name");
  EXPECT_ERROR(read(">chr1:5-100\nACGT\n"), "a.fa:1: 'chr1:5-100'");
}

}  // namespace
}  // namespace cohesin
