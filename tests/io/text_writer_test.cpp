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
