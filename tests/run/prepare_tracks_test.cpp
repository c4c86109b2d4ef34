#include "cohesin/run/prepare_tracks.h"

#include <gmock/gmock.h>

#include "cohesin/io/bigwig.h"
#include "cohesin/io/tracks_file.h"
#include "cohesin/run/inspect.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TempFolder;

// Little-endian 16-bit numbers of these whole ones (0 to 3).
std::string halves(const std::vector<int>& numbers) {
  const std::vector<std::string> known = {std::string("\0\0", 2), std::string("\0\x3c", 2),
                                          std::string("\0\x40", 2), std::string("\0\x42", 2)};
  std::string bytes;
  for (const int number : numbers) bytes += known[static_cast<size_t>(number)];
  return bytes;
}

// Two windows of 8 bases, two bins of 2 in the middle, two tracks.
class PrepareMadeWindows : public ::testing::Test {
 protected:
  PrepareTracksOptions options() const {
    PrepareTracksOptions options;
    options.fasta = folder_ / "w.fa";
    options.values = {{"valid", folder_ / "v.f16"}, {"train", folder_ / "t.f16"}};
    options.tracks = folder_ / "t.txt";
    options.bin = 2;
    options.out = folder_ / "t.h5";
    options.force = true;
    return options;
  }
  void SetUp() override {
    folder_.write("w.fa",
                  ">chr2:8-16|train|1\nacgtRCGT\n>chr1:0-8|train|0\nAAAAAAAA\n"
                  ">chr3:1-9|valid|0\nCCCCCCCC\n");
    folder_.write("t.f16", halves({0, 1, 0, 1, 2, 3, 2, 3}));
    folder_.write("v.f16", halves({3, 3, 3, 0}));
    folder_.write("t.txt",
                  "\tidentifier\tfile\tstrand_pair\tdescription\n0\ta+\tx\t1\tCAGE:a\n"
                  "1\ta-\tx\t0\tCAGE:a\n");
  }
  TempFolder folder_;
};

TEST_F(PrepareMadeWindows, RowsOfValuesBelongToTheIndexOfTheirName) {
  EXPECT_THAT(prepare_tracks(options()), HasSubstr("3 windows of 8 bases, 2 bins of 2"));
  const TrackSet set = read_tracks(folder_ / "t.h5");
  EXPECT_THAT(set.chrom, ElementsAre("chr2", "chr1", "chr3"));
  EXPECT_THAT(set.start, ElementsAre(8, 0, 1));
  EXPECT_THAT(set.letters, ElementsAre("ACGTNCGT", "AAAAAAAA", "CCCCCCCC"));
  EXPECT_THAT(set.targets, ElementsAre(2, 3, 2, 3, 0, 1, 0, 1, 3, 3, 3, 0));
  EXPECT_THAT(set.tracks, ElementsAre("a+", "a-"));
  EXPECT_THAT(set.strand_pair, ElementsAre(1, 0));
  EXPECT_THAT(inspect({folder_ / "t.h5", false}), HasSubstr("kind: tracks"));
}

TEST_F(PrepareMadeWindows, BadInputIsRefusedWithItsPlace) {
  const auto fasta = [this](const std::string& text) {
    folder_.write("w.fa", text);
    return options();
  };
  EXPECT_ERROR(prepare_tracks(fasta(">chr2:8-20|train|0\nACGT\n")), "w.fa:1: 'chr2:8-20|train|0'");
  EXPECT_ERROR(prepare_tracks(fasta(">chr2:8-16\nACGTACGT\n")), "expected chrom:start-end|split");
  EXPECT_ERROR(prepare_tracks(fasta(">chr2:8-16|train|x\nACGTACGT\n")), "expected a whole number");
  EXPECT_ERROR(prepare_tracks(fasta(">c:0-8|train|0\nACGTACGT\n>c:8-16|train|2\nACGTACGT\n")),
               "the 2 windows of 'train' have indices up to 2; expected 0 to 1");
  EXPECT_ERROR(prepare_tracks(fasta(">c:0-8|train|0\nACG*ACGT\n")), "letter 4 is '*'");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "t.h5"));
}

TEST_F(PrepareMadeWindows, ValuesThatDoNotFitAreRefused) {
  folder_.write("v.f16", halves({3, 3, 3}));
  EXPECT_ERROR(prepare_tracks(options()), "3 numbers are not 1 windows x bins x 2 tracks");
  folder_.write("v.f16", halves({3, 3, 3, 3, 3, 3}));
  EXPECT_ERROR(prepare_tracks(options()), "but 3 in the files before it");
  folder_.write("v.f16", halves({3, 3, 3}) + std::string("\0\x7e", 2));
  EXPECT_ERROR(prepare_tracks(options()), "window chr3:1-9, bin 1, track 'a-': the value is nan");
  PrepareTracksOptions less = options();
  less.values.pop_back();
  EXPECT_ERROR(prepare_tracks(less), "pass --values train=FILE");
  less.values = {{"tset", folder_ / "v.f16"}};
  EXPECT_ERROR(prepare_tracks(less), "no window of the split 'tset'");
}

class PrepareBigWigs : public ::testing::Test {
 protected:
  void SetUp() override {
    write_bigwig(folder_ / "a.bw", {{"chr1", 40}, {"chr2", 40}},
                 {{"chr1", 8, 12, 2}, {"chr2", 8, 16, 4}});
    std::string letters = ">chr1\n";
    letters.append(40, 'A').append("\n>chr2\n").append(18, 'C');
    folder_.write("g.fa", letters);
  }
  PrepareTracksOptions options(const std::string& regions) const {
    PrepareTracksOptions options;
    options.genome = folder_ / "g.fa";
    options.regions = folder_.write("r.bed", regions);
    options.bigwigs = {{"dnase", folder_ / "a.bw"}};
    options.bin = 4;
    options.context = 4;
    options.out = folder_ / "t.h5";
    options.force = true;
    return options;
  }
  TempFolder folder_;
};

TEST_F(PrepareBigWigs, RegionsBecomeWindowsWithContext) {
  prepare_tracks(options("chr1\t6\t14\ttrain\nchr2\t8\t16\ttest\n"));
  const TrackSet set = read_tracks(folder_ / "t.h5");
  EXPECT_THAT(set.targets, ElementsAre(1, 1, 4, 4));
  EXPECT_THAT(set.start, ElementsAre(2, 4));
  EXPECT_THAT(set.split, ElementsAre("train", "test"));
  EXPECT_EQ(set.letters[1], "CCCCCCCCCCCCCCNN");  // beyond the chromosome
}

TEST_F(PrepareBigWigs, TheSplitMayGoByChromosome) {
  PrepareTracksOptions by_chrom = options("chr1\t8\t16\nchr2\t8\t16\n");
  EXPECT_ERROR(prepare_tracks(by_chrom), "r.bed:1: column 4 is 'chr1:8-16'");
  by_chrom.valid_chromosomes = {"chr2"};
  prepare_tracks(by_chrom);
  EXPECT_THAT(read_tracks(folder_ / "t.h5").split, ElementsAre("train", "valid"));
}

TEST_F(PrepareBigWigs, BadInputIsRefusedWithItsPlace) {
  EXPECT_ERROR(prepare_tracks(options("1\t8\t16\ttrain\n")), "did you mean 'chr1'?");
  EXPECT_ERROR(prepare_tracks(options("chr1\t8\t15\ttrain\n")), "no whole number of bins of 4");
  EXPECT_ERROR(prepare_tracks(options("chr1\t0\t8\ttrain\n")), "begins before the chromosome");
  EXPECT_ERROR(prepare_tracks(options("chr1\t8\t16\ttrain\nchr1\t20\t32\ttest\n")), "equally long");
  write_bigwig(folder_ / "a.bw", {{"chr2", 40}}, {{"chr2", 8, 16, 4}});
  EXPECT_ERROR(prepare_tracks(options("chr1\t8\t16\ttrain\n")), "a.bw: has no chromosome 'chr1'");
  PrepareTracksOptions none = options("chr1\t8\t16\ttrain\n");
  none.bigwigs.clear();
  EXPECT_ERROR(prepare_tracks(none), "give --genome, --regions and --bigwig");
}

}  // namespace
}  // namespace cohesin
