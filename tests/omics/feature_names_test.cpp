#include "cohesin/omics/feature_names.h"

#include <gmock/gmock.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FeatureNames, TellsGenesProbesAndSamplesApart) {
  EXPECT_TRUE(is_ensembl_gene_id("ENSMUSG00000000001.4"));
  EXPECT_TRUE(is_ensembl_gene_id("ENSG00000182378.14_PAR_Y"));
  EXPECT_FALSE(is_ensembl_gene_id("ENST00000000003"));
  EXPECT_FALSE(is_ensembl_gene_id("ENSG00000000003.x"));
  EXPECT_TRUE(is_probe_id("cg00000029"));
  EXPECT_TRUE(is_probe_id("ch.1.1000F"));
  EXPECT_FALSE(is_probe_id("cg1"));
  EXPECT_TRUE(looks_like_gene("TP53"));
  EXPECT_TRUE(looks_like_gene("FOXA1_3169"));
  EXPECT_FALSE(looks_like_gene("s1"));
}

TEST(FeatureNames, SymbolEntrezStaysTheIdAndItsSymbolIsTheName) {
  Findings findings;
  const FeatureNames named =
      name_features({"FOXA1_3169", "?_100130426", "SLC35E2_728661"}, "rnaseq", findings);
  EXPECT_THAT(named.ids, ElementsAre("FOXA1_3169", "?_100130426", "SLC35E2_728661"));
  EXPECT_THAT(named.names, ElementsAre("FOXA1", "", "SLC35E2"));
  EXPECT_EQ(noted(findings, "rnaseq", "symbol_entrez"), 3);
}

TEST(FeatureNames, NumberedColumnsAreNoSymbols) {
  Findings findings;
  EXPECT_THAT(name_features({"gene_1", "gene_2", "gene_3"}, "rnaseq", findings).names,
              ElementsAre("gene_1", "gene_2", "gene_3"));
  EXPECT_THAT(name_features({"AC083843.1", "TP53"}, "rnaseq", findings).ids,
              ElementsAre("AC083843.1", "TP53"));
  EXPECT_THAT(findings, IsEmpty());
}

TEST(FeatureNames, EnsemblIdsLoseTheirVersionAndTheCopyOnYStays) {
  Findings findings;
  const FeatureNames named = name_features(
      {"ENSG00000000003.15", "ENSG00000182378.14", "ENSG00000182378.14_PAR_Y"}, "rnaseq", findings);
  EXPECT_THAT(named.ids,
              ElementsAre("ENSG00000000003", "ENSG00000182378", "ENSG00000182378_PAR_Y"));
  EXPECT_THAT(named.names, ElementsAre("", "", ""));
  EXPECT_EQ(noted(findings, "rnaseq", "version_stripped"), 3);
  EXPECT_EQ(noted(findings, "rnaseq", "par_y"), 1);
}

}  // namespace
}  // namespace cohesin
