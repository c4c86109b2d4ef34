#include "cohesin/omics/gene_id.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

using Targets = std::vector<int64_t>;

TEST(GeneId, LosesItsEnsemblVersionAndNothingElse) {
  EXPECT_EQ(unversioned_gene_id("ENSG00000000003.15"), "ENSG00000000003");
  EXPECT_EQ(unversioned_gene_id("ENSMUSG00000000001.4"), "ENSMUSG00000000001");
  EXPECT_EQ(unversioned_gene_id("ENSG00000002586.20_PAR_Y"), "ENSG00000002586_PAR_Y");
  EXPECT_EQ(unversioned_gene_id("ENSG00000000003"), "ENSG00000000003");
  EXPECT_EQ(unversioned_gene_id("AC083843.1"), "AC083843.1");
  EXPECT_EQ(unversioned_gene_id("ENSA.x"), "ENSA.x");
}

TEST(GeneId, SymbolEntrezGivesItsSymbol) {
  EXPECT_EQ(symbol_of_symbol_entrez("TP53_7157"), "TP53");
  EXPECT_EQ(symbol_of_symbol_entrez("HLA-A_3105"), "HLA-A");
  EXPECT_FALSE(symbol_of_symbol_entrez("TP53"));
  EXPECT_FALSE(symbol_of_symbol_entrez("hsa_mir_126"));
  EXPECT_FALSE(symbol_of_symbol_entrez("_12"));
}

TEST(GeneId, OnlyAWholeListOfSymbolEntrezIsReadAsSuch) {
  EXPECT_EQ(gene_keys({"TP53_7157", "ESR1_2099"}, {})[1].symbol, "ESR1");
  EXPECT_EQ(gene_keys({"TP53_7157", "ESR1"}, {})[0].symbol, "TP53_7157");
  EXPECT_EQ(gene_keys({"TP53_7157", "X_1"}, {"", "XX"})[0].symbol, "TP53");
  EXPECT_EQ(gene_keys({"TP53_7157", "X_1"}, {"", "XX"})[1].symbol, "XX");
}

TEST(GeneMatcher, MatchesByIdWithoutVersionThenBySymbol) {
  const GeneMatcher matcher(gene_keys({"ENSG1.5", "ENSG2.1", "ENSG3"}, {"A", "B", ""}));
  EXPECT_EQ(matcher.match(gene_keys({"B", "ENSG1.7", "C", "ENSG3.1"}, {})), (Targets{1, 0, -1, 2}));
}

TEST(GeneMatcher, AmbiguousSymbolsMatchNothing) {
  const GeneMatcher matcher(gene_keys({"ENSG1", "ENSG2"}, {"Y_RNA", "Y_RNA"}));
  EXPECT_EQ(matcher.match(gene_keys({"Y_RNA"}, {})), Targets{-1});
  const GeneMatcher other(gene_keys({"A"}, {}));
  EXPECT_EQ(other.match(gene_keys({"A_1", "A_2"}, {})), (Targets{-1, -1}));
}

TEST(GeneMatcher, GivesNoTargetTwice) {
  const GeneMatcher matcher(gene_keys({"ENSG1"}, {"A"}));
  EXPECT_EQ(matcher.match(gene_keys({"A", "ENSG1"}, {})), (Targets{-1, 0}));
}

TEST(MissingGenes, KnowsItsThreePolicies) {
  EXPECT_EQ(parse_missing_genes("mask"), MissingGenes::kMask);
  EXPECT_ERROR(parse_missing_genes("drop"), "expected error, zero or mask");
}

}  // namespace
}  // namespace cohesin
