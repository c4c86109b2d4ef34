#include "cohesin/run/cohort_input.h"

#include <gmock/gmock.h>

#include <cmath>

#include "cohesin/io/h5ad.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using testing::TempFolder;

class ReadCohort : public ::testing::Test {
 protected:
  // Adds a file as modality.
  std::filesystem::path add(const std::string& name, const std::string& file,
                            const std::string& content) {
    const auto path = folder.write(file, content);
    input.modalities.push_back(name + "=" + path.string());
    return path;
  }
  void label(const std::string& content) { input.labels = folder.write("labels.csv", content); }
  MultiOmics read() {
    findings.clear();
    return read_cohort(input, findings);
  }
  std::vector<std::string> obs(const MultiOmics& cohort, const std::string& column) {
    return column_as_text(cohort.obs.at(column, "obs"));
  }
  TempFolder folder;
  CohortInput input;
  Findings findings;
};

TEST_F(ReadCohort, TheUnionOfSamplesKeepsTheOrderOfTheFilesAndMarksWhatIsAbsent) {
  add("rnaseq", "r.csv", "id,A,B\ns2,1,2\ns1,3,4\n");
  add("methylation", "m.csv", "id,B,C\ns3,0.1,0.2\ns1,0.3,0.4\n");
  const MultiOmics cohort = read();
  EXPECT_THAT(cohort.obs.index, ElementsAre("s2", "s1", "s3"));
  EXPECT_THAT(cohort.at("rnaseq").row_of, ElementsAre(0, 1, -1));
  EXPECT_THAT(cohort.at("methylation").row_of, ElementsAre(-1, 1, 0));
  EXPECT_EQ(cohort.at("rnaseq").unit, Unit::kTpm);
  EXPECT_EQ(cohort.at("methylation").unit, Unit::kBeta);
  EXPECT_THAT(cohort.at("methylation").table.features, ElementsAre("B", "C"));
  EXPECT_EQ(noted(findings, "cohort", "samples_with_every_modality"), 1);
  EXPECT_EQ(noted(findings, "cohort", "samples_lacking_one"), 2);
}

TEST_F(ReadCohort, SamplesWithTheSameValuesAreCounted) {
  std::string header = "id", row;
  for (int g = 0; g < 25; ++g) {
    header += fmt::format(",G{}", g);
    row += fmt::format(",{}", g + 1);
  }
  add("rnaseq", "r.csv", header + "\ns1" + row + "\ns2" + row + "\n");
  read();
  EXPECT_EQ(noted(findings, "rnaseq", "identical_samples"), 1);
}

TEST_F(ReadCohort, CompleteCasesIsTheIntersection) {
  add("rnaseq", "r.csv", "id,A\ns2,1\ns1,3\n");
  add("methylation", "m.csv", "id,B\ns3,0.1\ns1,0.3\n");
  input.complete_cases = true;
  const MultiOmics cohort = read();
  EXPECT_THAT(cohort.obs.index, ElementsAre("s1"));
  EXPECT_EQ(cohort.at("methylation").table.values[0], 0.3F);
  EXPECT_EQ(noted(findings, "cohort", "excluded_incomplete"), 2);
}

TEST_F(ReadCohort, TablesWithoutACommonSampleAreAnErrorThatGuessesWhy) {
  add("rnaseq", "r.csv", "id,A\ns1,1\n");
  input.modalities.push_back("cnv=" + folder.write("m.csv", "id,A\ns9,1\n").string());
  EXPECT_ERROR(read(),
               "modality 'cnv' shares no sample with the others (its first is 's9', that "
               "of 'rnaseq' is 's1')");
  folder.write("m.csv", "id,s1\nA,1\n");
  EXPECT_ERROR(read(), "pass --orientation cnv=features-by-samples");
  folder.write("r.csv", "id,A\nTCGA-A1-A0SH-01A,1\n");
  folder.write("m.csv", "id,A\nTCGA-A1-A0SH,1\n");
  EXPECT_ERROR(read(), "their patients agree");
}

TEST_F(ReadCohort, ANameThatRepeatsAppendsRowsAndColumnsAreMatchedByName) {
  const auto one = add("rnaseq", "1.csv", "id,A,B\ns1,1,2\n");
  const auto two = add("rnaseq", "2.csv", "id,B,A\ns2,4,3\n");
  input.cohorts = {one.string() + "=X", two.string() + "=Y"};
  const MultiOmics cohort = read();
  EXPECT_THAT(cohort.at("rnaseq").table.values, ElementsAre(1.0F, 2.0F, 3.0F, 4.0F));
  EXPECT_THAT(obs(cohort, "cohort"), ElementsAre("X", "Y"));
  input.cohorts = {"other.csv=X"};
  EXPECT_ERROR(read(), "no --modality has the file 'other.csv'");
}

TEST_F(ReadCohort, AppendedFilesWithOtherFeaturesNeedAChoice) {
  add("rnaseq", "1.csv", "id,A,B\ns1,1,2\n");
  add("rnaseq", "2.csv", "id,B,C\ns2,4,3\n");
  EXPECT_ERROR(read(), "lacks 1 features of the files before (first: A) and has 1 others");
  input.missing_values = "mask";
  const MultiOmics cohort = read();
  EXPECT_THAT(cohort.at("rnaseq").table.features, ElementsAre("A", "B", "C"));
  EXPECT_TRUE(std::isnan(cohort.at("rnaseq").table.row(0)[2]));
  EXPECT_TRUE(std::isnan(cohort.at("rnaseq").table.row(1)[0]));
  EXPECT_EQ(cohort.at("rnaseq").gene_names[2], "C");
  EXPECT_EQ(noted(findings, "rnaseq", "features_not_in_every_file"), 2);
  EXPECT_EQ(noted(findings, "rnaseq", "missing_values"), 2);
}

TEST_F(ReadCohort, ValuesThatWereNotMeasuredNeedAChoice) {
  add("rnaseq", "r.csv", "id,A,B\ns1,1,2\ns2,NA,4\ns3,5,\n");
  EXPECT_ERROR(read(),
               "r.csv: 2 of 6 values are not measured (first: sample s2, feature A); pass "
               "--missing-values mask");
  input.missing_values = "mask";
  EXPECT_TRUE(std::isnan(read().at("rnaseq").table.row(1)[0]));
  input.missing_values = "median";
  EXPECT_THAT(read().at("rnaseq").table.values, ElementsAre(1, 2, 3, 4, 5, 3));
}

TEST_F(ReadCohort, DuplicateSamplesAndGenesNeedAChoice) {
  add("rnaseq", "r.csv", "id,A\ns1,1\ns1,3\n");
  EXPECT_ERROR(read(), "1 samples occur more than once (first: 's1')");
  input.duplicates = "mean";
  EXPECT_THAT(read().at("rnaseq").table.values, ElementsAre(2.0F));
  folder.write("r.csv", "id,ENSG00000000003.1,ENSG00000000003.2\ns1,1,3\n");
  EXPECT_THAT(read().at("rnaseq").table.features, ElementsAre("ENSG00000000003"));
  input.duplicates = "error";
  EXPECT_ERROR(read(), "1 features occur more than once (first: 'ENSG00000000003')");
}

TEST_F(ReadCohort, AGeneListAlignsEveryModality) {
  add("rnaseq", "r.csv", "id,A,B\ns1,1,2\n");
  add("methylation", "m.csv", "id,B,Q\ns1,0.5,0.25\n");
  input.genes = folder.write("genes.txt", "B\nC\n");
  EXPECT_ERROR(read(), "1 of the 2 genes of");
  input.missing_genes = "mask";
  const MultiOmics cohort = read();
  for (const auto& modality : cohort.modalities)
    EXPECT_THAT(modality.table.features, ElementsAre("B", "C"));
  EXPECT_TRUE(std::isnan(cohort.at("rnaseq").table.values[1]));
  EXPECT_EQ(noted(findings, "rnaseq", "missing_values"), 0);
  input.missing_genes = "zero";
  EXPECT_EQ(read().at("methylation").table.values[1], 0.0F);
  input.aliases = folder.write("aliases.tsv", "Q\tC\n");
  EXPECT_EQ(read().at("methylation").table.values[1], 0.25F);
}

TEST_F(ReadCohort, AGdcFolderAlignsByGeneNameAndTheCopyOnYIsNotTheGene) {
  const std::string values = "\tprotein_coding\t1\t1\t1\t";
  folder.write("gdc/u1/f1.rna_seq.augmented_star_gene_counts.tsv",
               "# gene-model: GENCODE v36\ngene_id\tgene_name\tgene_type\tunstranded\t"
               "stranded_first\tstranded_second\ttpm_unstranded\tfpkm_unstranded\t"
               "fpkm_uq_unstranded\nN_unmapped\t\t\t1\t1\t1\t\t\t\n"
               "ENSG00000182378.14\tPLCXD1" +
                   values + "5\t1\t1\n" + "ENSG00000182378.14_PAR_Y\tPLCXD1" + values +
                   "0\t1\t1\n");
  input.modalities = {"rnaseq=" + (folder / "gdc").string()};
  input.sample_sheet = folder.write(
      "sheet.tsv",
      "File ID\tFile Name\tProject ID\tCase ID\tSample ID\tSample Type\n"
      "u1\tf1.rna_seq.augmented_star_gene_counts.tsv\tTCGA-X\tC1\tC1-T\tPrimary Tumor\n");
  MultiOmics cohort = read();
  EXPECT_THAT(cohort.at("rnaseq").table.features,
              ElementsAre("ENSG00000182378", "ENSG00000182378_PAR_Y"));
  EXPECT_THAT(cohort.at("rnaseq").gene_names, ElementsAre("PLCXD1", "PLCXD1_PAR_Y"));
  EXPECT_THAT(obs(cohort, "patient"), ElementsAre("C1"));
  EXPECT_THAT(obs(cohort, "cohort"), ElementsAre("TCGA-X"));
  input.genes = folder.write("genes.txt", "PLCXD1\n");
  cohort = read();
  EXPECT_THAT(cohort.at("rnaseq").table.values, ElementsAre(5.0F));
  EXPECT_EQ(noted(findings, "rnaseq", "features_not_in_list"), 1);
}

TEST_F(ReadCohort, CountsBecomeTpmWithGeneLengths) {
  add("rnaseq", "r.csv", "id,A,B\ns1,10,30\n");
  input.units = {"rnaseq=counts"};
  EXPECT_ERROR(read(), "2 of the 2 genes have no length");
  input.gene_lengths = folder.write("l.tsv", "A\t1000\nB\t3000\n");
  EXPECT_THAT(read().at("rnaseq").table.values, ElementsAre(500000.0F, 500000.0F));
}

TEST_F(ReadCohort, AProbeMapTurnsMethylationTablesIntoGenesAndLeavesExpressionAlone) {
  add("rnaseq", "r.csv", "id,A\ns1,10\n");
  add("methylation", "m.csv", "id,cg00000001,cg00000002\ns1,0.25,0.75\n");
  input.probe_map = folder.write("p.tsv", "cg00000001\tA\ncg00000002\tA\n");
  const MultiOmics cohort = read();
  EXPECT_THAT(cohort.at("methylation").table.features, ElementsAre("A"));
  EXPECT_THAT(cohort.at("methylation").table.values, ElementsAre(0.5F));
  EXPECT_THAT(cohort.at("rnaseq").table.values, ElementsAre(10.0F));
}

TEST_F(ReadCohort, AProbeMapOrSampleSheetThatNothingUsesIsAnError) {
  add("x9", "m.csv", "id,cg00000001\ns1,0.25\n");
  input.probe_map = folder.write("p.tsv", "cg00000001\tA\n");
  EXPECT_ERROR(read(), "no modality is methylation (unit beta or m_value)");
  input.units = {"x9=beta"};
  EXPECT_THAT(read().at("x9").table.features, ElementsAre("A"));
  input.sample_sheet = folder.write("sheet.tsv", "File Name\tCase ID\tSample ID\na\tb\tc\n");
  EXPECT_ERROR(read(), "no modality is a folder of GDC files");
}

TEST_F(ReadCohort, FlagsForAModalityThatIsNotGivenAreErrors) {
  add("rnaseq", "r.csv", "id,A\ns1,1\n");
  input.units = {"rna=tpm"};
  EXPECT_ERROR(read(), "there is no modality 'rna'; there are: rnaseq");
  input.units = {"rnaseq=rpkm"};
  EXPECT_ERROR(read(), "unknown unit 'rpkm'");
  input.units = {};
  input.modalities.push_back("x/y=" + (folder / "r.csv").string());
  EXPECT_ERROR(read(), "the name 'x/y' may hold letters");
  input.modalities = {"rnaseq=" + (folder / "absent.csv").string()};
  EXPECT_ERROR(read(), "--modality rnaseq: no file");
  input.modalities = {"rnaseq"};
  EXPECT_ERROR(read(), "--modality 'rnaseq': expected two parts with = between them");
  input.modalities = {};
  EXPECT_ERROR(read(), "no modality is given");
}

TEST_F(ReadCohort, H5adCarriesItsUnitNamesAndColumns) {
  AnnotatedMatrix matrix;
  matrix.table = {{"s1", "s2"}, {"ENSG00000000003"}, {1, 2}};
  matrix.obs.index = matrix.table.samples;
  matrix.obs.set({"subtype", std::vector<std::string>{"a", "b"}});
  matrix.var.index = matrix.table.features;
  matrix.var.set({"gene_name", std::vector<std::string>{"TSPAN6"}});
  matrix.unit = "tpm";
  const auto path = folder / "r.h5ad";
  write_h5ad(matrix, path);
  input.modalities = {"x9=" + path.string()};
  const MultiOmics cohort = read();
  EXPECT_EQ(cohort.at("x9").unit, Unit::kTpm);
  EXPECT_THAT(cohort.at("x9").gene_names, ElementsAre("TSPAN6"));
  EXPECT_THAT(obs(cohort, "subtype"), ElementsAre("a", "b"));
  input.units = {"x9=beta"};
  EXPECT_ERROR(read(), "states the unit 'tpm', --unit says 'beta'");
  input.units = {};
  matrix.table.values = {1, -2};
  write_h5ad(matrix, path);
  EXPECT_ERROR(read(), "sample 's2', feature 'ENSG00000000003': -2: a TPM is never negative");
  input.orientations = {"x9=features-by-samples"};
  EXPECT_ERROR(read(), "has samples in rows by its format");
}

TEST_F(ReadCohort, LabelsAreJoinedBySampleAndGapsAreCounted) {
  add("rnaseq", "r.csv", "id,A\ns1,1\ns2,2\ns3,3\ns4,4\n");
  label("id,class,age\ns2,x,50\ns1,y,40\ns9,x,1\ns4,,2\n");
  const MultiOmics cohort = read();
  EXPECT_THAT(obs(cohort, "class"), ElementsAre("y", "x", "", ""));
  EXPECT_THAT(obs(cohort, "age"), ElementsAre("40", "50", "", "2"));
  EXPECT_EQ(noted(findings, "labels", "labels_for_unknown_samples"), 1);
  EXPECT_EQ(noted(findings, "labels", "samples_without_labels"), 1);
  EXPECT_EQ(noted(findings, "labels", "empty:class"), 2);
  EXPECT_EQ(noted(findings, "labels", "class:class=x"), 1);
}

TEST_F(ReadCohort, NumbersAsClassesAreTextWithoutFraction) {
  add("rnaseq", "r.csv", "id,A\ns1,1\ns2,2\ns3,3\ns4,4\n");
  label("patient,target\ns1,0.0\ns2,1.0\ns3,1.0\ns4,0.0\n");
  EXPECT_THAT(obs(read(), "target"), ElementsAre("0", "1", "1", "0"));
  EXPECT_EQ(noted(findings, "labels", "class:target=1"), 2);
  input.class_names = {"target=" + folder.write("names.tsv", "0\tLumA\n1\tHer2\n2\tX\n").string()};
  EXPECT_THAT(obs(read(), "target"), ElementsAre("LumA", "Her2", "Her2", "LumA"));
  EXPECT_EQ(noted(findings, "labels", "class_names_without_sample:target"), 1);
  folder.write("names.tsv", "0\tLumA\n");
  EXPECT_ERROR(read(), "no name for the value '1' of column 'target' (sample 's2')");
}

TEST_F(ReadCohort, LabelsThatFitNoSampleAreAnErrorThatGuessesWhy) {
  add("rnaseq", "r.csv", "id,A\nTCGA-A1-A0SH-01A,1\n");
  label("id,class\nTCGA-A1-A0SH,x\n");
  EXPECT_ERROR(read(), "pass --label-by patient");
  input.label_by = "patient";
  EXPECT_THAT(obs(read(), "class"), ElementsAre("x"));
  label("id,class\nA,x\n");
  EXPECT_ERROR(read(), "pass --orientation rnaseq=features-by-samples");
  label("id,class\nz,x\n");
  EXPECT_ERROR(read(),
               "no label fits a sample (first label: 'z', first sample: 'TCGA-A1-A0SH-01A'");
}

TEST_F(ReadCohort, LabelsThatContradictEachOtherNeedAChoice) {
  add("rnaseq", "r.csv", "id,A\ns1,1\n");
  label("n,case,class\n1,s1,x\n1,s1,x\n");
  input.label_id = "case";
  EXPECT_THAT(obs(read(), "class"), ElementsAre("x"));
  EXPECT_EQ(noted(findings, "labels", "duplicate_labels"), 1);
  label("n,case,class\n1,s1,x\n2,s1,y\n");
  EXPECT_ERROR(read(), "'s1' has two rows that differ (rows 1 and 2)");
  input.duplicates = "first";
  EXPECT_THAT(obs(read(), "class"), ElementsAre("x"));
}

TEST_F(ReadCohort, ThePatientIsTheColumnElseTheBarcodeElseTheSample) {
  add("rnaseq", "r.csv", "id,A\nTCGA-A1-A0SH-01A,1\ns2,2\n");
  EXPECT_THAT(obs(read(), "patient"), ElementsAre("TCGA-A1-A0SH", "s2"));
  label("id,patient,donor\nTCGA-A1-A0SH-01A,p1,7\ns2,,8\n");
  EXPECT_THAT(obs(read(), "patient"), ElementsAre("p1", "s2"));
  input.patient = "donor";
  EXPECT_THAT(obs(read(), "patient"), ElementsAre("7", "8"));
  input.patient = "doner";
  EXPECT_ERROR(read(), "no column 'doner' (did you mean 'donor'?)");
}

class Survival : public ReadCohort {
 protected:
  void SetUp() override {
    add("rnaseq", "r.csv", "id,A\ns1,1\ns2,2\ns3,3\n");
    input.time = "os:months";
    input.event = "dead";
  }
};

TEST_F(Survival, TimesBecomeDaysAndEventsOne) {
  label("id,os,dead\ns1,12,1\ns2,24,0\ns3,,\n");
  MultiOmics cohort = read();
  EXPECT_DOUBLE_EQ(cohort.obs.at("time_days", "").numbers()[0], 365.25);
  EXPECT_THAT(obs(cohort, "event"), ElementsAre("1", "0", ""));
  EXPECT_EQ(noted(findings, "labels", "samples_with_survival"), 2);
  EXPECT_EQ(noted(findings, "labels", "samples_without_survival"), 1);
  input.time = "os:years";
  EXPECT_DOUBLE_EQ(read().obs.at("time_days", "").numbers()[1], 24 * 365.25);
}

TEST_F(Survival, AnyValueMayBeTheEvent) {
  label("id,os,censored,state\ns1,12,0.0,dead\ns2,24,1.0,alive\ns3,1,0.0,dead\n");
  input.event = "censored=0";
  EXPECT_THAT(obs(read(), "event"), ElementsAre("1", "0", "1"));
  input.event = "state=dead";
  EXPECT_THAT(obs(read(), "event"), ElementsAre("1", "0", "1"));
  input.event = "state=deceased";
  EXPECT_ERROR(read(), "never holds 'deceased', the value of --event; it holds: alive, dead");
  input.event = "state";
  EXPECT_ERROR(read(), "column 'state' of --event holds 'dead' (sample 's1'), expected 0 or 1");
}

TEST_F(Survival, InvalidTimesNeedAChoice) {
  label("id,os,dead\ns1,0,1\ns2,-1,0\ns3,5,\n");
  EXPECT_ERROR(read(), "3 samples have no valid survival (first: sample s1: time 0 days, event 1)");
  input.invalid_times = "exclude";
  const MultiOmics cohort = read();
  EXPECT_EQ(cohort.num_samples(), 3U);
  EXPECT_THAT(obs(cohort, "time_days"), ElementsAre("", "", ""));
  EXPECT_EQ(noted(findings, "labels", "invalid_times"), 3);
}

TEST_F(Survival, HalfASettingAndTextAreErrors) {
  label("id,os,dead,event\ns1,long,1,2\ns2,1,1,2\n");
  EXPECT_ERROR(read(), "column 'os' of --time holds text (sample 's1': 'long')");
  label("id,os,dead,event\ns1,1,1,2\ns2,1,1,2\n");
  EXPECT_ERROR(read(), "has a column 'event' already");
  input.time = "os";
  EXPECT_ERROR(read(), "expected COLUMN:days");
  input.time = "";
  EXPECT_ERROR(read(), "--time and --event go together");
}

}  // namespace
}  // namespace cohesin
