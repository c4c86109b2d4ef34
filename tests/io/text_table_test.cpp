#include "cohesin/io/text_table.h"

#include "cohesin/base/file.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

TEST(TextTable, FieldsComeBackAsTheyWere) {
  const TempFolder folder;
  const TextTable table = read_text_table(
      folder.write("a.csv", ",Mutant,note\n0,\"A1V,G2S\",\"say \"\"x\"\"\"\n1,A1G,007\n"));
  EXPECT_EQ(table.header, (std::vector<std::string>{"", "Mutant", "note"}));
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"0", "A1V,G2S", "say \"x\""}));
  EXPECT_EQ(table.lines, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(table.column("note"), 2U);
  EXPECT_EQ(table.first_of({"mutation", "mutant"}), 1U);
  EXPECT_EQ(table.first_of({"sequence"}), TextTable::npos);
  EXPECT_ERROR(table.column("notes"), "no column 'notes' (did you mean 'note'?)");
  write_text_table(table, folder / "b.csv.gz");
  EXPECT_EQ(read_text_table(folder / "b.csv.gz").rows, table.rows);
  write_text_table(table, folder / "b.tsv");
  EXPECT_EQ(read_text(folder / "b.tsv"),
            "\tMutant\tnote\n0\tA1V,G2S\t\"say \"\"x\"\"\"\n1\tA1G\t007\n");
}

TEST(TextTable, OneColumnNeedsNoSeparator) {
  const TempFolder folder;
  const TextTable table = read_text_table(folder.write("a.tsv", "mutant\nA1V:G2S\nA1G\n"));
  EXPECT_EQ(table.header, std::vector<std::string>{"mutant"});
  EXPECT_EQ(table.rows.size(), 2U);
}

TEST(TextTable, BrokenTablesAreErrorsWithTheirLine) {
  const TempFolder folder;
  const auto read = [&](const std::string& text) {
    return read_text_table(folder.write("a.tsv", text));
  };
  EXPECT_ERROR(read(""), "is empty");
  EXPECT_ERROR(read("a\tb\n"), "has a header and no rows");
  EXPECT_ERROR(read("a\tb\n1\t2\n1\n"), "a.tsv:3: 1 fields, the header has 2");
}

}  // namespace
}  // namespace cohesin
