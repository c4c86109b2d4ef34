#include "cohesin/io/gdc.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using testing::TempFolder;

// As the GDC writes them: comment, header, four sums, genes.
std::string star_file(const std::string& tpm_a, const std::string& tpm_b) {
  const std::string sums = "\t\t\t1\t1\t1\t\t\t\n";
  return "# gene-model: GENCODE v36\n"
         "gene_id\tgene_name\tgene_type\tunstranded\tstranded_first\tstranded_second\t"
         "tpm_unstranded\tfpkm_unstranded\tfpkm_uq_unstranded\n"
         "N_unmapped" +
         sums + "N_multimapping" + sums + "N_noFeature" + sums + "N_ambiguous" + sums +
         "ENSG00000000003.15\tTSPAN6\tprotein_coding\t30\t1\t1\t" + tpm_a + "\t2.5\t1\n" +
         "ENSG00000182378.14_PAR_Y\tPLCXD1\tprotein_coding\t0\t0\t0\t" + tpm_b + "\t7.5\t1\n";
}

constexpr const char* kSheet =
    "File ID\tFile Name\tData Category\tData Type\tProject ID\tCase ID\tSample ID\tSample Type\n"
    "u1\ta.rna_seq.augmented_star_gene_counts.tsv\tT\tGene\tTCGA-BRCA\tTCGA-A1-A0SH\t"
    "TCGA-A1-A0SH-01A\tPrimary Tumor\n"
    "u2\tb.rna_seq.augmented_star_gene_counts.tsv\tT\tGene\tTCGA-BRCA\tTCGA-A1-A0SH\t"
    "TCGA-A1-A0SH-11A\tSolid Tissue Normal\n"
    "u3\tgone.rna_seq.augmented_star_gene_counts.tsv\tT\tGene\tTCGA-BRCA\tTCGA-A1-A0SJ\t"
    "TCGA-A1-A0SJ-01A\tPrimary Tumor\n";

class Gdc : public ::testing::Test {
 protected:
  void SetUp() override {
    folder.write("rna/u1/a.rna_seq.augmented_star_gene_counts.tsv", star_file("10", "0"));
    folder.write("rna/u1/annotations.txt", "id\n");
    folder.write("rna/u2/b.rna_seq.augmented_star_gene_counts.tsv", star_file("20.5", "1"));
    sheet = folder.write("sheet.tsv", kSheet);
  }
  GdcData read(const GdcOptions& options) {
    findings.clear();
    return read_gdc_folder(folder / "rna", options, findings);
  }
  TempFolder folder;
  std::filesystem::path sheet;
  Findings findings;
};

TEST_F(Gdc, StarCountsGiveTpmOfGenesWithoutTheSumsCalledByTheirFiles) {
  const GdcData data = read({.modality = "rnaseq"});
  EXPECT_THAT(data.table.samples, ElementsAre("a", "b"));
  EXPECT_THAT(data.table.features, ElementsAre("ENSG00000000003.15", "ENSG00000182378.14_PAR_Y"));
  EXPECT_THAT(data.gene_names, ElementsAre("TSPAN6", "PLCXD1"));
  EXPECT_THAT(data.table.values, ElementsAre(10.0F, 0.0F, 20.5F, 1.0F));
  EXPECT_EQ(noted(findings, "rnaseq", "star_summary_rows"), 8);
  EXPECT_EQ(noted(findings, "rnaseq", "other_files"), 1);
}

TEST_F(Gdc, TheUnitChoosesTheColumn) {
  EXPECT_EQ(read({.modality = "r", .unit = "counts"}).table.values[0], 30.0F);
  EXPECT_EQ(read({.modality = "r", .unit = "fpkm"}).table.values[1], 7.5F);
  EXPECT_ERROR(read({.modality = "r", .unit = "beta"}), "holds no files of unit 'beta'");
  EXPECT_ERROR(read({.modality = "r", .unit = "log_ratio"}), "give tpm, fpkm or counts");
}

TEST_F(Gdc, TheSampleSheetNamesSamplesAndItsGapsAreCounted) {
  folder.write("rna/u9/z.rna_seq.augmented_star_gene_counts.tsv", star_file("1", "1"));
  const GdcData data = read({.modality = "rnaseq", .sample_sheet = sheet});
  EXPECT_THAT(data.table.samples, ElementsAre("TCGA-A1-A0SH-01A", "TCGA-A1-A0SH-11A"));
  EXPECT_EQ(data.sheet[0].case_id, "TCGA-A1-A0SH");
  EXPECT_EQ(data.sheet[1].project, "TCGA-BRCA");
  EXPECT_EQ(noted(findings, "rnaseq", "files_not_in_sheet"), 1);
  EXPECT_EQ(noted(findings, "rnaseq", "sheet_rows_without_file"), 1);
}

TEST_F(Gdc, TheSampleTypeChoosesTumourOrNormal) {
  GdcOptions options{.modality = "rnaseq", .sample_sheet = sheet, .sample_type = "Primary Tumor"};
  EXPECT_THAT(read(options).table.samples, ElementsAre("TCGA-A1-A0SH-01A"));
  EXPECT_EQ(noted(findings, "rnaseq", "samples_of_other_type"), 1);
  options.sample_type = "normal";
  EXPECT_THAT(read(options).table.samples, ElementsAre("TCGA-A1-A0SH-11A"));
  options.sample_type = "Metastatic";
  EXPECT_ERROR(read(options), "types: Primary Tumor (1), Solid Tissue Normal (1)");
}

TEST_F(Gdc, NewerSheetsSayTheTypeInTwoColumns) {
  const auto rows = read_sample_sheet(folder.write(
      "new.tsv",
      "File ID\tFile Name\tProject ID\tCase ID\tSample ID\tTissue Type\tTumor Descriptor\n"
      "u1\ta.tsv\tP\tC1\tC1-01\tTumor\tPrimary\nu2\tb.tsv\tP\tC1\tTCGA-A1-A0SH-11A\tNormal\tNA\n"));
  EXPECT_EQ(rows[0].sample_type, "Primary Tumor");
  EXPECT_EQ(rows[1].sample_type, "Solid Tissue Normal");
  EXPECT_ERROR(read_sample_sheet(folder.write("bad.tsv", "File Name\tx\na\t1\n")),
               "no column 'Sample ID'");
}

TEST_F(Gdc, FilesOfAnotherGeneModelAndCutFilesAreErrors) {
  const auto file = folder / "rna/u2/b.rna_seq.augmented_star_gene_counts.tsv";
  const std::string whole = star_file("20", "1");
  folder.write("rna/u2/b.rna_seq.augmented_star_gene_counts.tsv",
               whole.substr(0, whole.find("ENSG00000182378")));
  EXPECT_ERROR(read({.modality = "rnaseq"}),
               "'b' lacks 1 of them (first: ENSG00000182378.14_PAR_Y)");
  std::filesystem::resize_file(file, 300);
  EXPECT_ERROR(read({.modality = "rnaseq"}), "b.rna_seq.augmented_star_gene_counts.tsv:");
  std::filesystem::resize_file(file, 0);
  EXPECT_ERROR(read({.modality = "rnaseq"}), "is empty");
}

TEST_F(Gdc, BrokenValuesNameFileLineAndGene) {
  folder.write("rna/u2/b.rna_seq.augmented_star_gene_counts.tsv", star_file("-1", "1"));
  EXPECT_ERROR(read({.modality = "rnaseq"}),
               "b.rna_seq.augmented_star_gene_counts.tsv:7: 'ENSG00000000003.15' is -1: a TPM is "
               "never negative");
  folder.write("rna/u2/b.rna_seq.augmented_star_gene_counts.tsv", star_file("x", "1"));
  EXPECT_ERROR(read({.modality = "rnaseq"}), "expected a number for 'ENSG00000000003.15'");
}

TEST(GdcBetas, KeepsProbesInTheOrderOfTheFileWithNaAsNotMeasured) {
  const TempFolder folder;
  folder.write("m/u1/a.methylation_array.sesame.level3betas.txt", "cg00000029\t0.25\ncg2\tNA\n");
  folder.write("m/b.methylation_array.sesame.level3betas.txt", "cg00000029\t0.75\ncg2\t1\n");
  Findings findings;
  const GdcData data = read_gdc_folder(folder / "m", {.modality = "methylation"}, findings);
  EXPECT_THAT(data.table.features, ElementsAre("cg00000029", "cg2"));
  EXPECT_THAT(data.table.samples, ElementsAre("b", "a"));
  EXPECT_EQ(data.table.row(1)[0], 0.25F);
  EXPECT_TRUE(std::isnan(data.table.row(1)[1]));
}

TEST(GdcBetas, AProbeMapMakesGenesOfSeveralArrays) {
  const TempFolder folder;
  for (int i = 0; i < 70; ++i)
    folder.write(fmt::format("m/s{:02}.level3betas.txt", i), "p1\t0.25\np2\t0.75\n");
  folder.write("m/t.level3betas.txt", "p3\t0.5\np2\tNA\n");
  ProbeMap map;
  add_probe(map, "p1", "A");
  add_probe(map, "p2", "A");
  add_probe(map, "p3", "B");
  Findings findings;
  GdcOptions options{.modality = "methylation"};
  EXPECT_ERROR(read_gdc_folder(folder / "m", options, findings), "pass --probe-map");
  options.probe_map = &map;
  findings.clear();
  const GdcData data = read_gdc_folder(folder / "m", options, findings);
  EXPECT_THAT(data.table.features, ElementsAre("A", "B"));
  ASSERT_EQ(data.table.num_samples(), 71U);
  EXPECT_EQ(data.table.row(69)[0], 0.5F);
  EXPECT_TRUE(std::isnan(data.table.row(69)[1]));
  EXPECT_TRUE(std::isnan(data.table.row(70)[0]));
  EXPECT_EQ(data.table.row(70)[1], 0.5F);
  EXPECT_EQ(noted(findings, "methylation", "probe_values_missing"), 1);
}

TEST(GdcBetas, OneFolderMayHoldBothKinds) {
  const TempFolder folder;
  folder.write("all/a.level3betas.txt", "p1\t0.25\n");
  folder.write("all/b.rna_seq.augmented_star_gene_counts.tsv", star_file("10", "0"));
  Findings findings;
  const auto read = [&](const GdcOptions& options) {
    return read_gdc_folder(folder / "all", options, findings);
  };
  EXPECT_THAT(read({.modality = "methylation"}).table.features, ElementsAre("p1"));
  EXPECT_THAT(read({.modality = "x", .unit = "tpm"}).table.samples, ElementsAre("b"));
  EXPECT_ERROR(read({.modality = "x"}), "pass --unit x=tpm or =beta");
  EXPECT_ERROR(read_gdc_folder(folder.path() / "none", {}, findings), "cannot list the folder");
  std::filesystem::create_directory(folder / "empty");
  EXPECT_ERROR(read_gdc_folder(folder / "empty", {}, findings), "holds neither STAR counts");
}

TEST(GdcBetas, RaggedRowsAndValuesOutsideZeroToOneAreErrors) {
  const TempFolder folder;
  Findings findings;
  folder.write("m/a.level3betas.txt", "p1\t0.25\np2\n");
  EXPECT_ERROR(read_gdc_folder(folder / "m", {}, findings), "a.level3betas.txt:2: expected 2");
  folder.write("m/a.level3betas.txt", "p1\t1.25\n");
  EXPECT_ERROR(read_gdc_folder(folder / "m", {}, findings), "a beta value lies in [0, 1]");
}

}  // namespace
}  // namespace cohesin
