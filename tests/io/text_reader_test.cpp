#include "cohesin/io/text_reader.h"

#include <zlib.h>

#include "tests/gzip.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::gzip;
using testing::TempFolder;

std::vector<std::string> read_lines(const std::filesystem::path& path) {
  TextReader reader(path);
  std::vector<std::string> lines;
  for (std::string line; reader.next_line(line);) lines.push_back(line);
  return lines;
}

std::string numbered_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("line {}\n", i);
  return text;
}

using Lines = std::vector<std::string>;

TEST(TextReader, TakesEitherLineEndAByteOrderMarkAndALastLineWithoutEnd) {
  const TempFolder folder;
  const auto path = folder.write("a.txt", "\xEF\xBB\xBFone\r\n\ntwo\nthree");
  EXPECT_EQ(read_lines(path), (Lines{"one", "", "two", "three"}));
}

TEST(TextReader, AnEmptyFileHasNoLines) {
  const TempFolder folder;
  EXPECT_EQ(read_lines(folder.write("a.txt", "")), Lines{});
}

TEST(TextReader, ReadsLinesLongerThanItsBuffer) {
  const TempFolder folder;
  const std::string longest(5'000'000, 'x');
  EXPECT_EQ(read_lines(folder.write("a.txt", longest + "\nshort\n")), (Lines{longest, "short"}));
}

TEST(TextReader, GzipIsRecognisedByItsFirstBytesNotByTheName) {
  const TempFolder folder;
  EXPECT_EQ(read_lines(folder.write("a.txt", gzip("one\ntwo\n"))), (Lines{"one", "two"}));
}

TEST(TextReader, SeveralGzipMembersAreOneText) {
  const TempFolder folder;
  const auto path = folder.write("a.gz", gzip("one\ntw") + gzip("") + gzip("o\nthree\n"));
  EXPECT_EQ(read_lines(path), (Lines{"one", "two", "three"}));
}

TEST(TextReader, ZerosThatPadAGzipFileAreIgnored) {
  const TempFolder folder;
  EXPECT_EQ(read_lines(folder.write("a.gz", gzip("one\n") + std::string(512, '\0'))), Lines{"one"});
}

TEST(TextReader, EveryTruncationOfAGzipFileIsAnError) {
  const TempFolder folder;
  const std::string whole = gzip(numbered_lines(40));
  for (size_t size = 2; size < whole.size(); ++size)
    EXPECT_ERROR(read_lines(folder.write("a.gz", whole.substr(0, size))), "truncated gzip");
}

TEST(TextReader, DamagedGzipIsAnError) {
  const TempFolder folder;
  std::string bytes = gzip(numbered_lines(1000));
  bytes[bytes.size() - 6] ^= 1;  // the checksum
  EXPECT_ERROR(read_lines(folder.write("a.gz", bytes)), "damaged gzip");
  EXPECT_ERROR(read_lines(folder.write("a.gz", gzip("one\n") + "more")), "are not gzip");
}

TEST(TextReader, CommentsAreSkippedButCounted) {
  const TempFolder folder;
  TextReader reader(folder.write("a.txt", "# one\ntwo\n#three\nfour\n"), {"#"});
  std::string line;
  ASSERT_TRUE(reader.next_line(line));
  EXPECT_EQ(line, "two");
  ASSERT_TRUE(reader.next_line(line));
  EXPECT_EQ(reader.line_number(), 4);
  EXPECT_ERROR(reader.parse_int("4x", "start"),
               "a.txt:4: expected an integer for 'start', got '4x'");
  EXPECT_ERROR(reader.parse_number("inf", "score"), "expected a number for 'score', got 'inf'");
}

TEST(TextReader, WhatIsNoTextFileIsAnError) {
  const TempFolder folder;
  EXPECT_ERROR(read_lines(folder / "absent.txt"), "absent.txt: cannot open: No such file");
  EXPECT_ERROR(read_lines(folder.path()), "is a folder");
  EXPECT_ERROR(read_lines(folder.write("a.bin", std::string("a\n\0b\n", 5))), "NUL bytes");
  EXPECT_ERROR(read_lines(folder.write("a.txt", "\xFF\xFEx")), "UTF-16");
}

TEST(Split, GivesEveryFieldBetweenSeparators) {
  EXPECT_EQ(split("a\t\tb\t", '\t'), (std::vector<std::string_view>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(trim(" \ta b "), "a b");
}

}  // namespace
}  // namespace cohesin
