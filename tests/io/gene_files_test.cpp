#include "cohesin/io/gene_files.h"

#include <gmock/gmock.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::TempFolder;

TEST(GeneFiles, AGeneListKeepsItsOrderWithOrWithoutHeaderAndNames) {
  const TempFolder folder;
  const GeneList plain = read_gene_list(folder.write("g.txt", "B\nA\nAC083843.1\n"));
  EXPECT_THAT(plain.ids, ElementsAre("B", "A", "AC083843.1"));
  EXPECT_THAT(plain.names, IsEmpty());
  const GeneList named =
      read_gene_list(folder.write("g.tsv", "gene_id\tgene_name\nENSG00000000003\tTSPAN6\n"));
  EXPECT_THAT(named.ids, ElementsAre("ENSG00000000003"));
  EXPECT_THAT(named.names, ElementsAre("TSPAN6"));
  EXPECT_ERROR(read_gene_list(folder.write("g.txt", "A\nB\nA\n")),
               "g.txt:3: gene 'A' occurs twice");
  EXPECT_ERROR(read_gene_list(folder.write("g.txt", "gene\n")), "holds no record");
  EXPECT_ERROR(read_gene_list(folder.write("g.txt", "A\tb\tc\n")), "expected 1 or 2 fields, got 3");
}

TEST(GeneFiles, GeneLengthsArePositiveAndAgree) {
  const TempFolder folder;
  const auto lengths =
      read_gene_lengths(folder.write("l.csv", "gene_id,length\nENSG00000000003.15,4536\nB,10\n"));
  EXPECT_EQ(lengths.at("ENSG00000000003"), 4536);
  EXPECT_EQ(lengths.at("B"), 10);
  EXPECT_ERROR(read_gene_lengths(folder.write("l.csv", "A,0\n")), "gene 'A' has the length 0");
  EXPECT_ERROR(read_gene_lengths(folder.write("l.csv", "A,1\nA,2\n")), "two lengths, 1 and 2");
  EXPECT_ERROR(read_gene_lengths(folder.write("l.csv", "A,x\n")), "expected a number for 'length'");
}

TEST(GeneFiles, ClassNamesAreKeyedByTheNumberNotItsSpelling) {
  const TempFolder folder;
  const auto names = read_class_names(folder.write("c.tsv", "0.0\tLumA\n1\tHer2\nx\tOther\n"));
  EXPECT_EQ(names.at("0"), "LumA");
  EXPECT_EQ(names.at("x"), "Other");
  EXPECT_ERROR(read_class_names(folder.write("c.tsv", "0\ta\n0.0\tb\n")), "occurs twice");
}

TEST(GeneFiles, AGeneAxisIsAGeneListAsWell) {
  const TempFolder folder;
  const GeneList list = read_gene_list(
      folder.write("features.tsv", "feature\trnaseq\tmethylation\tx9\nB\t1\t0\t1\nA\t1\t1\t1\n"));
  EXPECT_THAT(list.ids, ElementsAre("B", "A"));
  EXPECT_TRUE(list.names.empty());
  EXPECT_EQ(read_gene_list(folder.write("f.tsv", "feature\trnaseq\nB\t1\n")).names.size(), 0U);
}

TEST(GeneFiles, AnAliasMayStandForSeveralGenes) {
  const TempFolder folder;
  const Aliases aliases = read_aliases(folder.write("a.tsv", "alias\tgene\nMLL\tKMT2A\nMLL\tX\n"));
  EXPECT_THAT(aliases.at("MLL"), ElementsAre("KMT2A", "X"));
  EXPECT_ERROR(read_aliases(folder.write("a.tsv", "MLL\n")), "a.tsv:1: expected 2 fields, got 1");
}

}  // namespace
}  // namespace cohesin
