#include "cohesin/io/gene_sets.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(GeneSets, AreReadWithEmptyDescriptionsTrailingTabsAndRepeats) {
  const testing::TempFolder folder;
  const auto sets = read_gene_sets(
      folder.write("sets.gmt", "CYCLE\thttp://x\tCDK1\tCDK2\tCDK1\r\n\nREPAIR\t\tATM \tATR\t\t\n"));
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(sets[0].name, "CYCLE");
  EXPECT_EQ(sets[0].description, "http://x");
  EXPECT_EQ(sets[0].genes, (std::vector<std::string>{"CDK1", "CDK2"}));
  EXPECT_EQ(sets[1].description, "");
  EXPECT_EQ(sets[1].genes, (std::vector<std::string>{"ATM", "ATR"}));
}

TEST(GeneSets, MalformedLinesAreNamed) {
  const testing::TempFolder folder;
  const auto read = [&](const std::string& text) {
    return read_gene_sets(folder.write("bad.gmt", text));
  };
  EXPECT_ERROR(read("A\tx\tTP53\nTP53\n"), "bad.gmt:2: expected a set's name");
  EXPECT_ERROR(read("A,x,TP53\n"), "bad.gmt:1: expected a set's name");
  EXPECT_ERROR(read("A\tx\tTP53\nB\ty\n"), "bad.gmt:2: expected a set's name");
  EXPECT_ERROR(read("A\tx\t\t\n"), "bad.gmt:1: the set 'A' has no gene");
  EXPECT_ERROR(read(" \tx\tTP53\n"), "bad.gmt:1: the set has no name");
  EXPECT_ERROR(read("A\tx\tTP53\nA\ty\tATM\n"), "bad.gmt:2: the set 'A' stands in line 1");
  EXPECT_ERROR(read("\n"), "bad.gmt: holds no gene set");
  EXPECT_ERROR(read(""), "bad.gmt: holds no gene set");
  EXPECT_ERROR(read(std::string("A\tx\tT\0P", 7)), "bad.gmt: holds NUL bytes");
}

}  // namespace
}  // namespace cohesin
