#include "cohesin/io/fasta.h"

#include <unistd.h>
#include <zlib.h>

#include <cstdio>

#include "tests/gzip.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::gzip;
using testing::TempFolder;

// Records as "id|description|letters".
std::vector<std::string> read(const std::filesystem::path& path, FastaOptions options = {}) {
  FastaReader reader(path, options);
  std::vector<std::string> records;
  for (Sequence record; reader.next(record);)
    records.push_back(record.id + "|" + record.description + "|" + record.letters);
  return records;
}

using Records = std::vector<std::string>;

TEST(FastaReader, JoinsLinesAndKeepsLettersAsTheyStand) {
  const TempFolder folder;
  const auto path =
      folder.write("a.fa", ">s1 first  one\nACgt\nNN\n>s2\nMK*\n-.J\n>s2\tagain\nA\n");
  EXPECT_EQ(read(path), (Records{"s1|first  one|ACgtNN", "s2||MK*-.J", "s2|again|A"}));
}

TEST(FastaReader, TakesEitherLineEndBlankLinesAndALastLineWithoutEnd) {
  const TempFolder folder;
  const auto path =
      folder.write("a.fa", "\xEF\xBB\xBF\r\n\n>s1 d \r\nAC \r\n\r\nGT\r\n\r\n>s2\r\nA\tC\r\nG");
  EXPECT_EQ(read(path), (Records{"s1|d|ACGT", "s2||A\tCG"}));
}

TEST(FastaReader, ReadsGzipAndBgzip) {
  const TempFolder folder;
  const Records expected{"s1||ACGT", "s2||GG"};
  EXPECT_EQ(read(folder.write("a.fa.gz", gzip(">s1\nACGT\n>s2\nGG\n"))), expected);
  EXPECT_EQ(
      read(folder.write("b.fa.gz", gzip(">s1\nAC") + gzip("GT\n>s") + gzip("2\nGG") + gzip(""))),
      expected);
}

TEST(FastaReader, ReadsStandardInput) {
  const TempFolder folder;
  const int kept = dup(STDIN_FILENO);
  ASSERT_NE(std::freopen(folder.write("a.fa", ">s1\nACGT\n").c_str(), "rb", stdin), nullptr);
  EXPECT_EQ(read("-"), (Records{"s1||ACGT"}));
  dup2(kept, STDIN_FILENO);
  close(kept);
}

TEST(FastaReader, ReadsAPipe) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string text = gzip(">s1\nACGT\n");
  ASSERT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(ends[1]);
  EXPECT_EQ(read(fmt::format("/dev/fd/{}", ends[0])), (Records{"s1||ACGT"}));
  close(ends[0]);
}

TEST(FastaReader, ReadsALineOfManyMegabytes) {
  const TempFolder folder;
  const std::string chromosome(9'000'000, 'A');
  FastaReader reader(folder.write("a.fa", ">chr1\n" + chromosome + "\n>chr2\nC\n"));
  Sequence record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.letters, chromosome);
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.letters, "C");
}

TEST(FastaReader, EveryBreakIsAnErrorWithFileAndLine) {
  const TempFolder folder;
  const auto text = [&folder](const std::string& content) {
    return read(folder.write("a.fa", content));
  };
  EXPECT_ERROR(text(""), "a.fa: holds no sequence; expected FASTA");
  EXPECT_ERROR(text("\n \r\n"), "a.fa: holds no sequence");
  EXPECT_ERROR(text(">s1\nAC\n> s2\nAC\n"), "a.fa:3: '>' without a name");
  EXPECT_ERROR(text(">\nAC\n"), "a.fa:1: '>' without a name");
  EXPECT_ERROR(text(">s1\nAC\n\n>s2\n\n>s3\nAC\n"), "a.fa:4: sequence 's2' has no letters");
  EXPECT_ERROR(text(">s1\nAC\n>s2"), "a.fa:3: sequence 's2' has no letters");
  EXPECT_ERROR(text(">s1\nACGT>s2\nAC\n"), "a.fa:2: '>' inside a line of sequence 's1'");
  EXPECT_ERROR(text(">s1\rACGT\r>s2\rAC\r"), "CR alone");
  EXPECT_ERROR(text(std::string(">s1\nAC\0GT\n", 11)), "NUL bytes");
  EXPECT_ERROR(read(folder / "absent.fa"), "absent.fa: cannot open");
}

TEST(FastaReader, SaysWhatAFileThatIsNoFastaLooksLike) {
  const TempFolder folder;
  const auto text = [&folder](const std::string& content) {
    return read(folder.write("a.fa", content));
  };
  EXPECT_ERROR(text("@read1\nACGT\n+\nIIII\n"), "a.fa:1: expected a FASTA header");
  EXPECT_ERROR(text("@read1\nACGT\n+\nIIII\n"), "FASTQ");
  EXPECT_ERROR(text("\nACGTACGT\n"), "a.fa:2: expected a FASTA header");
  EXPECT_ERROR(text("ACGTACGT\n"), "a sequence without a header");
  EXPECT_ERROR(text("LOCUS       SCU49845\n"), "GenBank");
  EXPECT_ERROR(text("<!DOCTYPE html>\n"), "a web page");
  EXPECT_ERROR(text("sample\tsequence\n"), "a table");
  EXPECT_ERROR(text("version https://git-lfs.github.com/spec/v1\n"), "Git LFS pointer");
  EXPECT_ERROR(text("12 34"), "got '12 34'");
}

TEST(FastaReader, EveryTruncationOfAGzipFileIsAnError) {
  const TempFolder folder;
  std::string text;
  for (int i = 0; i < 30; ++i) text += fmt::format(">s{}\nACGT{}\n", i, std::string(i, 'A'));
  const std::string whole = gzip(text);
  for (size_t size = 2; size < whole.size(); ++size)
    EXPECT_ERROR(read(folder.write("a.fa.gz", whole.substr(0, size))), "truncated gzip");
}

TEST(FastaReader, RecordsWithoutLettersPassWhereTheCallerAllowsThem) {
  const TempFolder folder;
  const auto path = folder.write("a.fa", ">s1\n>s2\nAC\n>s3\n");
  EXPECT_EQ(read(path, {.allow_empty = true}), (Records{"s1||", "s2||AC", "s3||"}));
}

TEST(FastaReader, SkippingGivesTheSameRecordsAndDigestAsReading) {
  const TempFolder folder;
  const auto path = folder.write("a.fa", ">s1 x\nAC\nGT\n>s2\nGG\n>s3\nTT\n");
  FastaReader whole(path, {.digest = true}), later(path, {.digest = true});
  Sequence record;
  EXPECT_TRUE(whole.next(record) && whole.next(record));
  later.skip(2);
  EXPECT_EQ(later.num_records(), 2);
  EXPECT_EQ(later.digest(), whole.digest());
  EXPECT_EQ(whole.digest(), sha256(">s1 x\nAC\nGT\n>s2\nGG\n"));
  ASSERT_TRUE(later.next(record));
  EXPECT_EQ(record.id, "s3");
  EXPECT_EQ(later.header_line(), 6);
  EXPECT_NE(later.digest(), whole.digest());
  EXPECT_FALSE(later.next(record));
  FastaReader short_of_one(path);
  EXPECT_ERROR(short_of_one.skip(4), "has 3 sequences, fewer than the 4");
}

TEST(FastaReader, TheDigestDoesNotDependOnCompressionOrLineEnds) {
  const TempFolder folder;
  const auto digest = [&folder](const std::string& content) {
    FastaReader reader(folder.write("a.fa", content), {.digest = true});
    for (Sequence record; reader.next(record);) {
    }
    return reader.digest();
  };
  const std::string plain = digest(">s1\nAC\n>s2\nGG\n");
  EXPECT_EQ(digest(gzip(">s1\r\nAC\r\n\r\n>s2\r\nGG")), plain);
  EXPECT_NE(digest(">s1\nAC\n>s2\nGC\n"), plain);
}

TEST(FastaReader, NamesOfRealWindowsAgreeWithTheirBedFile) {
  const auto folder = std::filesystem::path(COHESIN_SHARED) / "data" / "hg38_windows_tracks";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not here";
  FastaReader reader(folder / "windows.fa.gz");
  TextReader bed(folder / "windows.bed");
  std::string_view line;
  for (Sequence record; reader.next(record);) {
    const auto slice = parse_slice_name(record.id, static_cast<int64_t>(record.letters.size()));
    ASSERT_TRUE(slice && bed.next_line(line));
    const auto fields = split(line, '\t');
    EXPECT_EQ(slice->chrom, fields[0]);
    EXPECT_EQ(slice->start, bed.parse_int(fields[1], "start"));
    EXPECT_EQ(slice->end, bed.parse_int(fields[2], "end"));
  }
  EXPECT_EQ(reader.num_records(), 55);
}

}  // namespace
}  // namespace cohesin
