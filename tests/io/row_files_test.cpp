#include "cohesin/io/row_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "cohesin/base/file.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/io/safetensors.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

RowJournal journal_of(const std::filesystem::path& path, const std::vector<RowBlock>& blocks) {
  RowJournal journal(path, "s", 2);
  for (const auto& block : blocks) journal.append(block, "");
  return journal;
}

const std::vector<RowBlock> kBlocks = {{{"a", "b"}, {1, 1}, {1, 2, 3, 4}},
                                       {{"a", "a-1", "a"}, {1, 1, 1}, {5, 6, 7, 8, 9, 0.5}}};

TEST(RowFiles, H5adKeepsTheOrderAndMakesDuplicatesUnique) {
  const testing::TempFolder folder;
  write_rows(journal_of(folder / "x.part", kBlocks), folder / "x.h5ad");
  const AnnotatedMatrix read = read_h5ad(folder / "x.h5ad", {true, true, {}});
  EXPECT_EQ(read.obs.index, (std::vector<std::string>{"a", "b", "a-2", "a-1", "a-3"}));
  EXPECT_EQ(read.obs.at("id", "x").text(), (std::vector<std::string>{"a", "b", "a", "a-1", "a"}));
  EXPECT_EQ(read.obsm.at(0).values, (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9, 0.5}));
}

TEST(RowFiles, TsvAndNpyHoldOneRowARecord) {
  const testing::TempFolder folder;
  const RowJournal journal = journal_of(folder / "x.part", kBlocks);
  write_rows(journal, folder / "x.tsv");
  EXPECT_EQ(read_text(folder / "x.tsv"),
            "sample\te0\te1\na\t1\t2\nb\t3\t4\na\t5\t6\na-1\t7\t8\na\t9\t0.5\n");
  write_rows(journal, folder / "x.npy");
  EXPECT_EQ(read_text(folder / "x.npy.samples.txt"), "a\nb\na\na-1\na\n");
  const std::string bytes = read_text(folder / "x.npy");
  EXPECT_THAT(bytes, ::testing::HasSubstr("'shape': (5, 2)"));
  EXPECT_EQ(bytes.size(), 128 + 10 * sizeof(float));
}

TEST(RowFiles, SafetensorsHoldsAnyNumberOfRowsARecord) {
  const testing::TempFolder folder;
  write_rows(
      journal_of(folder / "x.part", {{{"a", "b"}, {2, 0}, {1, 2, 3, 4}}, {{"c"}, {1}, {5, 6}}}),
      folder / "x.safetensors");
  const SafetensorsFile file = SafetensorsFile::open(folder / "x.safetensors");
  std::vector<int64_t> offsets(4);
  ASSERT_EQ(file.at("offsets").data.size(), 32U);
  std::memcpy(offsets.data(), file.at("offsets").data.data(), 32);
  EXPECT_EQ(offsets, (std::vector<int64_t>{0, 2, 2, 3}));
  EXPECT_EQ(file.at("values").shape, (std::vector<int64_t>{3, 2}));
  EXPECT_EQ(read_text(folder / "x.safetensors.samples.txt"), "a\nb\nc\n");
}

TEST(RowFiles, AnEmptyJournalGivesEmptyFiles) {
  const testing::TempFolder folder;
  const RowJournal journal = journal_of(folder / "x.part", {});
  for (const std::string name : {"x.h5ad", "x.npy", "x.tsv", "x.safetensors"})
    write_rows(journal, folder / name);
  EXPECT_EQ(read_h5ad(folder / "x.h5ad").obs.num_rows(), 0U);
  EXPECT_EQ(SafetensorsFile::open(folder / "x.safetensors").at("values").shape,
            (std::vector<int64_t>{0, 2}));
}

TEST(RowFiles, NamesOfFilesThatCannotHoldTheRowsAreRefused) {
  check_rows_path("x.npy", true);
  EXPECT_ERROR(check_rows_path("x.npy", false), "ends in .safetensors, for a row of every token");
  EXPECT_ERROR(check_rows_path("x.csv", true), ".h5ad, .npy, .tsv or .safetensors");
}

}  // namespace
}  // namespace cohesin
