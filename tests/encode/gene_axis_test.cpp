#include "cohesin/encode/gene_axis.h"

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

using Text = std::vector<std::string>;
using Bits = std::vector<uint8_t>;
using Columns = std::vector<int64_t>;

Modality modality(const std::string& name, const Text& features, const Text& gene_names = {}) {
  Modality made;
  made.name = name;
  made.table.features = features;
  made.gene_names = gene_names;
  return made;
}

TEST(GeneAxis, IsTheUnionInTheOrderOfTheFirstModalityThenTheNext) {
  const auto rnaseq = modality("rnaseq", {"B", "A", "C"});
  const auto methylation = modality("methylation", {"D", "C", "A", "E"});
  const GeneAxis axis = make_gene_axis({&rnaseq, &methylation});
  EXPECT_EQ(axis.features, (Text{"B", "A", "C", "D", "E"}));
  EXPECT_EQ(axis.measured[0], (Bits{1, 1, 1, 0, 0}));
  EXPECT_EQ(axis.measured[1], (Bits{0, 1, 1, 1, 1}));
}

TEST(GeneAxis, MatchesSymbolsWithSymbolEntrezAndNamesThemBySymbol) {
  const auto rnaseq = modality("rnaseq", {"TP53_7157", "ESR1_2099"});
  const auto methylation = modality("methylation", {"ESR1", "MIR21"});
  const GeneAxis axis = make_gene_axis({&rnaseq, &methylation});
  EXPECT_EQ(axis.features, (Text{"TP53_7157", "ESR1", "MIR21"}));
  EXPECT_EQ(axis.measured[1], (Bits{0, 1, 1}));
}

TEST(GeneAxis, MatchesEnsemblIdsThroughGeneNamesAndVersions) {
  const auto rnaseq = modality("rnaseq", {"ENSG1.2", "ENSG2.1", "ENSG3.1"}, {"A", "B", "C"});
  const auto methylation = modality("methylation", {"B", "A"});
  const auto cnv = modality("cnv", {"ENSG3.9"});
  const GeneAxis axis = make_gene_axis({&rnaseq, &methylation, &cnv});
  EXPECT_EQ(axis.features, (Text{"A", "B", "ENSG3"}));
  EXPECT_EQ(axis.measured[2], (Bits{0, 0, 1}));
  // The cohort it was made of finds its place again.
  for (const auto* one : {&rnaseq, &methylation, &cnv})
    EXPECT_TRUE(align_to_axis(*one, axis, MissingGenes::kError, "c", "mojo").missing.empty());
}

TEST(GeneAxis, OfAGivenListKeepsItsOrder) {
  const auto rnaseq = modality("rnaseq", {"A", "B", "C"});
  const auto methylation = modality("methylation", {"C"});
  const GeneAxis axis = make_gene_axis(Text{"C", "X", "A"}, {&rnaseq, &methylation});
  EXPECT_EQ(axis.features, (Text{"C", "X", "A"}));
  EXPECT_EQ(axis.measured[0], (Bits{1, 0, 1}));
  EXPECT_EQ(axis.measured[1], (Bits{1, 0, 0}));
  EXPECT_ERROR(make_gene_axis(Text{"X"}, {&rnaseq}), "none of the 1 listed genes");
  EXPECT_ERROR(make_gene_axis(Text{"A", "A"}, {&rnaseq}), "'A' occurs twice");
  EXPECT_EQ(published_gene_axis({"A", "X"}, {"rnaseq"}).measured[0], (Bits{1, 1}));
}

TEST(GeneAxis, RefusesAFeatureThatOccursTwice) {
  const auto rnaseq = modality("rnaseq", {"ENSG1.1", "ENSG1.2"});
  EXPECT_ERROR(make_gene_axis({&rnaseq}), "'ENSG1.2' occurs twice");
  EXPECT_ERROR(make_gene_axis(std::vector<const Modality*>{}), "no modality");
}

TEST(Features, ReadBackAsWritten) {
  const auto rnaseq = modality("rnaseq", {"A", "B"});
  const auto methylation = modality("methylation", {"B", "C"});
  const GeneAxis axis = make_gene_axis({&rnaseq, &methylation});
  const std::string text = write_features(axis);
  EXPECT_EQ(text, "feature\trnaseq\tmethylation\nA\t1\t0\nB\t1\t1\nC\t0\t1\n");
  const GeneAxis read = read_features(text, "features.tsv");
  EXPECT_EQ(read.features, axis.features);
  EXPECT_EQ(read.modalities, axis.modalities);
  EXPECT_EQ(read.measured, axis.measured);
}

TEST(Features, ErrorsNameFileAndLine) {
  EXPECT_ERROR(read_features("", "f.tsv"), "f.tsv: cut short");
  EXPECT_ERROR(read_features("feature\tr\nA\t1", "f.tsv"), "f.tsv: cut short");
  EXPECT_ERROR(read_features("gene\tr\n", "f.tsv"), "f.tsv:1: expected the columns");
  EXPECT_ERROR(read_features("feature\tr\n", "f.tsv"), "f.tsv: no features");
  EXPECT_ERROR(read_features("feature\tr\nA\n", "f.tsv"), "f.tsv:2: expected 2 columns, found 1");
  EXPECT_ERROR(read_features("feature\tr\nA\t2\n", "f.tsv"), "f.tsv:2: expected 0 or 1");
  EXPECT_ERROR(read_features("feature\tr\nA\t1\nA\t1\n", "f.tsv"), "'A' occurs twice");
}

TEST(AlignToAxis, GathersANewCohortInTheOrderOfTheAxis) {
  const GeneAxis axis = read_features("feature\trnaseq\tm\nA\t1\t1\nB\t0\t1\nC\t1\t0\n", "f");
  const auto cohort = modality("rnaseq", {"C", "Z", "B", "A"});
  const auto alignment = align_to_axis(cohort, axis, MissingGenes::kError, "c", "mojo");
  EXPECT_EQ(alignment.columns, (Columns{3, kHiddenColumn, 0}));
  EXPECT_EQ(alignment.unused, (Text{"Z", "B"}));  // B was never seen in this modality
  EXPECT_EQ(alignment.describe(), "2 genes matched, 0 missing, 2 unused (first: Z)");
  const float row[] = {1, 2, 3, 4};
  float out[3];
  gather_on_axis(row, alignment.columns, out);
  EXPECT_EQ(out[0], 4);
  EXPECT_TRUE(std::isnan(out[1]));
  EXPECT_EQ(out[2], 1);
}

TEST(AlignToAxis, MissingGenesNeedAChoice) {
  const GeneAxis axis = read_features("feature\trnaseq\nA\t1\nB\t1\nC\t1\n", "f");
  const auto cohort = modality("rnaseq", {"B"});
  EXPECT_ERROR(
      align_to_axis(cohort, axis, MissingGenes::kError, "cohort.h5mu:/mod/rnaseq/var", "mojo"),
      "cohort.h5mu:/mod/rnaseq/var: 2 of the 3 genes that 'mojo' needs are missing (first: A); "
      "pass "
      "--missing-genes=zero");
  const auto zero = align_to_axis(cohort, axis, MissingGenes::kZero, "c", "mojo");
  EXPECT_EQ(zero.columns, (Columns{kZeroColumn, 0, kZeroColumn}));
  const auto mask = align_to_axis(cohort, axis, MissingGenes::kMask, "c", "mojo");
  EXPECT_EQ(mask.columns, (Columns{kHiddenColumn, 0, kHiddenColumn}));
  EXPECT_EQ(mask.missing, (Text{"A", "C"}));
  float out[3];
  const float row[] = {7};
  gather_on_axis(row, zero.columns, out);
  EXPECT_EQ(out[0], 0);
  EXPECT_EQ(out[1], 7);
}

TEST(AlignToAxis, RefusesACohortWithoutAnyOfTheGenes) {
  const GeneAxis axis = read_features("feature\trnaseq\nA\t1\n", "f");
  EXPECT_ERROR(align_to_axis(modality("rnaseq", {"X"}), axis, MissingGenes::kMask, "c", "mojo"),
               "c: none of the 1 genes that 'mojo' needs (first: A) is among the 1 features");
  EXPECT_ERROR(align_to_axis(modality("cnv", {"A"}), axis, MissingGenes::kMask, "c", "mojo"),
               "the model has no modality 'cnv'; it has: rnaseq");
}

}  // namespace
}  // namespace cohesin
