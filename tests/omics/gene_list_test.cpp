#include "cohesin/omics/gene_list.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Modality make_modality(std::vector<std::string> features, std::vector<float> values,
                       std::vector<std::string> names = {}) {
  Modality modality;
  modality.name = "rnaseq";
  const size_t num_samples = values.size() / features.size();
  for (size_t s = 0; s < num_samples; ++s) modality.table.samples.push_back(fmt::format("s{}", s));
  modality.gene_names = names.empty() ? features : std::move(names);
  modality.table.features = std::move(features);
  modality.table.values = std::move(values);
  return modality;
}

TEST(MatchGenes, AnIdWinsOverANameAndANameOverAnAlias) {
  const GeneList list{{"TP53", "ERBB2", "MYC"}, {}};
  const GeneMatch match = match_genes({"HER2", "ERBB2", "P53", "MYC", "X"}, {}, list,
                                      {{"HER2", {"ERBB2"}}, {"P53", {"TP53"}}});
  EXPECT_THAT(match.features_of, ElementsAre(ElementsAre(2), ElementsAre(1), ElementsAre(3)));
  EXPECT_THAT(match.unused, UnorderedElementsAre("HER2", "X"));
}

TEST(MatchGenes, FindsEnsemblIdsWithAnyVersionAndGenesByTheirName) {
  const GeneList ensembl{{"ENSG00000000003", "ENSG00000000005"}, {}};
  EXPECT_THAT(match_genes({"ENSG00000000005.6", "ENSG00000000003.2"}, {}, ensembl).features_of,
              ElementsAre(ElementsAre(1), ElementsAre(0)));
  const GeneList symbols{{"TSPAN6", "TNMD"}, {}};
  EXPECT_THAT(
      match_genes({"ENSG00000000005", "ENSG00000000003"}, {"TNMD", "TSPAN6"}, symbols).features_of,
      ElementsAre(ElementsAre(1), ElementsAre(0)));
}

TEST(MatchGenes, TheCopyOnTheYChromosomeIsNotTheGene) {
  const GeneMatch match =
      match_genes({"ENSG00000182378_PAR_Y"}, {}, GeneList{{"ENSG00000182378"}, {}});
  EXPECT_THAT(match.features_of[0], IsEmpty());
  EXPECT_THAT(match.unused, ElementsAre("ENSG00000182378_PAR_Y"));
}

TEST(MatchGenes, AnAliasOfSeveralGenesIsAmbiguousAndUnused) {
  const GeneMatch match =
      match_genes({"MLL"}, {}, GeneList{{"KMT2A", "KMT2D"}, {}}, {{"MLL", {"KMT2A", "KMT2D"}}});
  EXPECT_THAT(match.ambiguous, ElementsAre("MLL"));
  EXPECT_THAT(match.features_of[0], IsEmpty());
}

class AlignToGenes : public ::testing::Test {
 protected:
  Modality align(Modality modality, const std::vector<std::string>& genes, MissingGenes missing,
                 Duplicates duplicates = Duplicates::kError, const Aliases& aliases = {}) {
    align_to_genes(modality, GeneList{genes, {}}, "genes.txt", aliases, missing, duplicates,
                   "rna.csv", findings);
    return modality;
  }
  Findings findings;
};

TEST_F(AlignToGenes, TheListGivesOrderAndPlaces) {
  const Modality aligned = align(make_modality({"a", "b", "c"}, {1, 2, 3, 4, 5, 6}),
                                 {"c", "x", "a"}, MissingGenes::kMask);
  EXPECT_THAT(aligned.table.features, ElementsAre("c", "x", "a"));
  EXPECT_EQ(aligned.table.row(1)[0], 6.0F);
  EXPECT_TRUE(std::isnan(aligned.table.row(0)[1]));
  EXPECT_EQ(aligned.table.row(1)[2], 4.0F);
  EXPECT_EQ(noted(findings, "rnaseq", "genes_missing"), 1);
  EXPECT_EQ(noted(findings, "rnaseq", "genes_matched"), 2);
  EXPECT_EQ(noted(findings, "rnaseq", "features_not_in_list"), 1);
}

TEST_F(AlignToGenes, AMissingGeneIsAnErrorUnlessAFlagSaysOtherwise) {
  const Modality modality = make_modality({"a", "b"}, {1, 2});
  EXPECT_ERROR(align(modality, {"a", "x", "y"}, MissingGenes::kError),
               "rna.csv: 2 of the 3 genes of genes.txt are missing (first: x); pass "
               "--missing-genes zero to fill them with 0, or mask to hide them");
  EXPECT_EQ(align(modality, {"a", "x"}, MissingGenes::kZero).table.values[1], 0.0F);
  EXPECT_ERROR(align(modality, {"x", "y"}, MissingGenes::kZero), "none of the 2 genes");
}

TEST_F(AlignToGenes, TwoFeaturesForOneGeneFallUnderDuplicates) {
  const Modality modality = make_modality({"e1", "e2"}, {1, 3}, {"TP53", "TP53"});
  EXPECT_ERROR(align(modality, {"TP53"}, MissingGenes::kError), "(first: TP53: e1 and e2)");
  EXPECT_THAT(align(modality, {"TP53"}, MissingGenes::kError, Duplicates::kFirst).table.values,
              ElementsAre(1.0F));
  EXPECT_THAT(align(modality, {"TP53"}, MissingGenes::kError, Duplicates::kMean).table.values,
              ElementsAre(2.0F));
}

TEST(MergeDuplicates, SamplesAreAnErrorTheFirstOrTheMeanOfWhatWasMeasured) {
  const Table table{{"s1", "s2", "s1"}, {"a", "b"}, {1, kNotMeasured, 5, 6, 3, 4}};
  Findings findings;
  Table copy = table;
  EXPECT_ERROR(merge_duplicate_samples(copy, Duplicates::kError, "rnaseq", "rna.csv", findings),
               "rna.csv: 1 samples occur more than once (first: 's1'); pass --duplicates");
  merge_duplicate_samples(copy, Duplicates::kMean, "rnaseq", "rna.csv", findings);
  EXPECT_THAT(copy.samples, ElementsAre("s1", "s2"));
  EXPECT_THAT(copy.values, ElementsAre(2.0F, 4.0F, 5.0F, 6.0F));
  copy = table;
  merge_duplicate_samples(copy, Duplicates::kFirst, "rnaseq", "rna.csv", findings);
  EXPECT_TRUE(std::isnan(copy.values[1]));
  EXPECT_EQ(noted(findings, "rnaseq", "duplicate_samples"), 2);
}

TEST(MergeDuplicates, FeaturesAreAnErrorTheFirstOrTheMean) {
  Findings findings;
  Modality modality = make_modality({"a", "b", "a"}, {1, 2, 3});
  EXPECT_ERROR(merge_duplicate_features(modality, Duplicates::kError, "rna.csv", findings),
               "1 features occur more than once (first: 'a')");
  merge_duplicate_features(modality, Duplicates::kMean, "rna.csv", findings);
  EXPECT_THAT(modality.table.values, ElementsAre(2.0F, 2.0F));
  EXPECT_THAT(modality.gene_names, ElementsAre("a", "b"));
}

}  // namespace
}  // namespace cohesin
