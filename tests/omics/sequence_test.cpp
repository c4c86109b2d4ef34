#include "cohesin/omics/sequence.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(ReverseComplement, KnowsEveryIupacCodeAndKeepsTheCase) {
  EXPECT_EQ(reverse_complement("ACGTacgt"), "acgtACGT");
  EXPECT_EQ(reverse_complement("RYKMBVDHSWN"), "NWSDHBVKMRY");
  EXPECT_EQ(reverse_complement("AC-G.n"), "n.C-GT");
  EXPECT_EQ(reverse_complement(""), "");
}

TEST(ReverseComplement, PairsWithTInDnaAndWithUInRna) {
  EXPECT_EQ(reverse_complement("AAUT", Alphabet::kDna), "AATT");
  EXPECT_EQ(reverse_complement("AAUT", Alphabet::kRna), "AAUU");
  EXPECT_EQ(reverse_complement("aGu", Alphabet::kRna), "aCu");
}

TEST(ReverseComplement, TwiceIsTheSameSequence) {
  const std::string letters = "ACGTNRYKMSWBDHVacgtnrykmswbdhv";
  EXPECT_EQ(reverse_complement(reverse_complement(letters)), letters);
}

TEST(ReverseComplement, RefusesWhatHasNoComplement) {
  EXPECT_ERROR(reverse_complement("ACE"), "letter 3 is 'E'");
  EXPECT_ERROR(reverse_complement("MKT", Alphabet::kProtein), "protein");
}

void expect_slice(const std::string& name, int64_t length, const std::string& chrom, int64_t start,
                  int64_t end) {
  const auto slice = parse_slice_name(name, length);
  ASSERT_TRUE(slice) << name;
  EXPECT_EQ(slice->chrom, chrom);
  EXPECT_EQ(slice->start, start);
  EXPECT_EQ(slice->end, end);
}

TEST(ParseSliceName, TheLengthTellsWhichConventionIsMeant) {
  expect_slice("chr1:100-200", 100, "chr1", 100, 200);
  expect_slice("chr1:101-200", 100, "chr1", 100, 200);
  expect_slice("chr1:0-5", 5, "chr1", 0, 5);
  expect_slice("chr1:1-5", 5, "chr1", 0, 5);
  expect_slice("chr1:7-7", 1, "chr1", 6, 7);
}

TEST(ParseSliceName, IgnoresTextAfterABarAndAllowsColonsInTheChromosome) {
  expect_slice("chr2:10-20|GENE:1-3", 10, "chr2", 10, 20);
  expect_slice("HLA-A*01:01:3-5", 2, "HLA-A*01:01", 3, 5);
}

TEST(ParseSliceName, OtherNamesAreNoSlices) {
  for (const char* name :
       {"chr1", "sp|P69905|HBA_HUMAN", "chr1:", "chr1:5", "chr1:5-", "chr1:-5", "chr1:a-b", ":1-2",
        "chr1:1-2x", "chr1:1--2", "", "chr1:1-99999999999999999999"})
    EXPECT_FALSE(parse_slice_name(name, 1)) << name;
}

TEST(ParseSliceName, AnotherLengthThanTheNameSaysIsAnError) {
  EXPECT_ERROR(parse_slice_name("chr1:100-200", 99), "'chr1:100-200' has 99 letters");
  EXPECT_ERROR(parse_slice_name("chr1:100-200", 99), "100 (0-based, half-open) or 101 (1-based");
  EXPECT_ERROR(parse_slice_name("chr1:0-99", 100), "cannot begin at 0");
  EXPECT_ERROR(parse_slice_name("chr1:200-100", 100), "has 100 letters");
}

}  // namespace
}  // namespace cohesin
