#include "cohesin/omics/barcode.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(Barcode, ThePatientIsTheFirstTwelveCharactersOfATcgaBarcode) {
  EXPECT_EQ(patient_of("TCGA-02-0001-01C-01D-0182-01"), "TCGA-02-0001");
  EXPECT_EQ(patient_of("TCGA-A1-A0SH"), "TCGA-A1-A0SH");
  EXPECT_EQ(patient_of("TCGA-A1-A0SHX"), "TCGA-A1-A0SHX");
  EXPECT_EQ(patient_of("patient-7-left"), "patient-7-left");
}

TEST(Barcode, TheTissueSourceSiteIsCharactersSixAndSeven) {
  EXPECT_EQ(tissue_source_site_of("TCGA-02-0001-01C-01D-0182-01"), "02");
  EXPECT_EQ(tissue_source_site_of("patient-7-left"), "");
}

TEST(Barcode, NamesTheSampleType) {
  EXPECT_EQ(sample_type_of("TCGA-A1-A0SH-01A"), "Primary Tumor");
  EXPECT_EQ(sample_type_of("TCGA-A1-A0SH-11A-33R"), "Solid Tissue Normal");
  EXPECT_EQ(sample_type_of("TCGA-A1-A0SH"), "");
}

TEST(SampleType, TumorAndNormalStandForAllTypesOfTheirSide) {
  EXPECT_TRUE(sample_type_matches("Primary Tumor", "primary tumor"));
  EXPECT_TRUE(sample_type_matches("Metastatic", "tumor"));
  EXPECT_TRUE(sample_type_matches("Solid Tissue Normal", "normal"));
  EXPECT_FALSE(sample_type_matches("Solid Tissue Normal", "tumour"));
  EXPECT_FALSE(sample_type_matches("Cell Lines", "tumor"));
  EXPECT_FALSE(sample_type_matches("", "tumor"));
}

}  // namespace
}  // namespace cohesin
