#include "cohesin/io/row_journal.h"

#include <gtest/gtest.h>

#include "cohesin/base/file.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

const RowBlock kFirst = {{"a", "b"}, {1, 2}, {1, 2, 3, 4, 5, 6}};
const RowBlock kSecond = {{"a"}, {1}, {7, 8}};

RowBlock everything(const RowJournal& journal) {
  RowBlock all;
  journal.replay([&all](const RowBlock& block) {
    all.ids.insert(all.ids.end(), block.ids.begin(), block.ids.end());
    all.num_rows.insert(all.num_rows.end(), block.num_rows.begin(), block.num_rows.end());
    all.values.insert(all.values.end(), block.values.begin(), block.values.end());
  });
  return all;
}

TEST(RowJournal, GoesOnWhereItStopped) {
  const testing::TempFolder folder;
  {
    RowJournal journal(folder / "x.part", "layer 3", 2);
    EXPECT_EQ(journal.mark(), "");
    journal.append(kFirst, "after b");
  }
  RowJournal journal(folder / "x.part", "layer 3", 2);
  EXPECT_EQ(journal.num_records(), 2);
  EXPECT_EQ(journal.num_rows(), 3);
  EXPECT_EQ(journal.mark(), "after b");
  journal.append(kSecond, "after a");
  const RowBlock all = everything(journal);
  EXPECT_EQ(all.ids, (std::vector<std::string>{"a", "b", "a"}));
  EXPECT_EQ(all.num_rows, (std::vector<int64_t>{1, 2, 1}));
  EXPECT_EQ(all.values, (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(RowJournal, AnyCutOfTheFileLosesNoWholeBlockAndKeepsNoHalfOne) {
  const testing::TempFolder folder;
  {
    RowJournal journal(folder / "x", "s", 2);
    journal.append(kFirst, "1");
    journal.append(kSecond, "2");
  }
  const std::string whole = read_text(folder / "x");
  size_t begin = 0, after_first = 0;
  for (size_t size = whole.size(); size > 0; --size) {
    write_text(folder / "cut", whole.substr(0, size));
    try {
      const RowJournal journal(folder / "cut", "s", 2);
      if (journal.num_records() == 2 && after_first == 0) after_first = size;
      if (journal.num_records() == 0 && begin == 0) begin = size;
      EXPECT_EQ(everything(journal).ids.size(), static_cast<size_t>(journal.num_records()));
    } catch (const Error&) {
      EXPECT_LT(size, after_first);  // the cut went through the header
    }
  }
  EXPECT_EQ(after_first, whole.size() - 1);
  EXPECT_GT(begin, 20U);
}

TEST(RowJournal, AlteredBytesAreNotRead) {
  const testing::TempFolder folder;
  RowJournal(folder / "x", "s", 2).append(kFirst, "1");
  std::string bytes = read_text(folder / "x");
  bytes[bytes.size() - 70] ^= 1;
  write_text(folder / "x", bytes);
  EXPECT_EQ(RowJournal(folder / "x", "s", 2).num_records(), 0);
}

TEST(RowJournal, OtherSettingsAndOtherFilesAreRefused) {
  const testing::TempFolder folder;
  RowJournal(folder / "x", "layer 3", 2).append(kFirst, "1");
  EXPECT_ERROR(RowJournal(folder / "x", "layer 4", 2), "was begun with other settings");
  folder.write("y", "something else, of some length");
  EXPECT_ERROR(RowJournal(folder / "y", "layer 4", 2), "not a partial result of this program");
}

}  // namespace
}  // namespace cohesin
