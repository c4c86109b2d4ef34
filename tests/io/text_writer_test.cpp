#include "cohesin/io/text_writer.h"

#include <iterator>

#include "cohesin/io/text_reader.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using cohesin::testing::TempFolder;

std::string bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_lines(const std::filesystem::path& path, int num_lines) {
  TextWriter writer(path);
  for (int i = 0; i < num_lines; ++i) writer.write(fmt::format("line {}\n", i));
  writer.commit();
}

TEST(TextWriter, WhatItWritesIsReadBackPlainAndGzip) {
  const TempFolder folder;
  for (const std::string name : {"lines.tsv", "lines.tsv.gz"}) {
    write_lines(folder / name, 100000);
    TextReader reader(folder / name);
    int64_t n = 0;
    for (std::string line; reader.next_line(line); ++n)
      ASSERT_EQ(line, fmt::format("line {}", n)) << name;
    EXPECT_EQ(n, 100000);
  }
  EXPECT_LT(bytes(folder / "lines.tsv.gz").size(), bytes(folder / "lines.tsv").size() / 2);
}

// Every block says its size, so that an index can point into the file; the last one is empty.
TEST(TextWriter, VcfIsWrittenInBlocksOfBgzip) {
  const TempFolder folder;
  write_lines(folder / "a.vcf.gz", 50000);
  const std::string file = bytes(folder / "a.vcf.gz");
  size_t at = 0, num_blocks = 0, last = 0;
  while (at + 18 <= file.size()) {
    ASSERT_EQ(file.substr(at, 4), "\x1f\x8b\x08\x04");
    ASSERT_EQ(file.substr(at + 12, 4), std::string("BC\2\0", 4));
    last = at;
    at += 1 + static_cast<unsigned char>(file[at + 16]) +
          256 * static_cast<size_t>(static_cast<unsigned char>(file[at + 17]));
    ++num_blocks;
  }
  EXPECT_EQ(at, file.size());
  EXPECT_EQ(file.size() - last, 28U);
  EXPECT_GT(num_blocks, 8U);
  TextReader reader(folder / "a.vcf.gz");
  int64_t n = 0;
  for (std::string line; reader.next_line(line); ++n) ASSERT_EQ(line, fmt::format("line {}", n));
  EXPECT_EQ(n, 50000);
  { TextWriter(folder / "empty.vcf.gz").commit(); }
  EXPECT_EQ(bytes(folder / "empty.vcf.gz").size(), 28U);
}

TEST(TextWriter, GzipHeaderHoldsNoTimeAndNoName) {
  const TempFolder folder;
  write_lines(folder / "a.gz", 3);
  write_lines(folder / "b.gz", 3);
  const std::string text = bytes(folder / "a.gz");
  EXPECT_EQ(text, bytes(folder / "b.gz"));
  EXPECT_EQ(text.substr(0, 8), std::string("\x1f\x8b\x08\0\0\0\0\0", 8));
}

TEST(TextWriter, WithoutCommitNothingStaysBehind) {
  const TempFolder folder;
  { TextWriter(folder / "a.tsv").write("half a line"); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(TextWriter, ErrorNamesTheFileInAFolderThatIsNotThere) {
  const TempFolder folder;
  EXPECT_ERROR(TextWriter(folder / "no/such/a.tsv"), "no/such/a.tsv");
}

}  // namespace
}  // namespace cohesin
