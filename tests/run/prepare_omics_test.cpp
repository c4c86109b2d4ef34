#include "cohesin/run/prepare_omics.h"

#include <gmock/gmock.h>

#include <cmath>
#include <sstream>

#include "cohesin/io/h5mu.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using testing::TempFolder;

std::string content_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class PrepareOmics : public ::testing::Test {
 protected:
  void SetUp() override {
    options.input.modalities = {
        "rnaseq=" + folder.write("r.csv", "id,A,B\ns1,1,2\ns2,3,4\n").string(),
        "methylation=" + folder.write("m.csv", "id,B\ns2,0.5\ns3,0.25\n").string()};
    options.input.labels = folder.write("l.csv", "id,class\ns1,x\ns2,y\n");
    options.out = folder / "cohort.h5mu";
  }
  TempFolder folder;
  PrepareOptions options;
};

TEST_F(PrepareOmics, WhatIsWrittenReadsBackTheSame) {
  run_prepare_omics(options);
  const MultiOmics cohort = read_h5mu(options.out);
  EXPECT_THAT(cohort.obs.index, ::testing::ElementsAre("s1", "s2", "s3"));
  EXPECT_EQ(cohort.at("rnaseq").unit, Unit::kTpm);
  EXPECT_THAT(cohort.at("rnaseq").row_of, ::testing::ElementsAre(0, 1, -1));
  EXPECT_THAT(cohort.at("methylation").table.values, ::testing::ElementsAre(0.5F, 0.25F));
  EXPECT_EQ(column_as_text(cohort.obs.at("class", "")), (std::vector<std::string>{"x", "y", ""}));
  EXPECT_EQ(column_as_text(cohort.obs.at("patient", "")),
            (std::vector<std::string>{"s1", "s2", "s3"}));
}

TEST_F(PrepareOmics, TheSameCommandGivesTheSameBytes) {
  run_prepare_omics(options);
  const std::string cohort = content_of(options.out);
  const std::string report = content_of(options.out.string() + ".prepare.tsv");
  options.force = true;
  run_prepare_omics(options);
  EXPECT_EQ(content_of(options.out), cohort);
  EXPECT_EQ(content_of(options.out.string() + ".prepare.tsv"), report);
}

TEST_F(PrepareOmics, TheReportIsATableOfWhatWasFound) {
  const Findings findings = run_prepare_omics(options);
  const std::string report = content_of(options.out.string() + ".prepare.tsv");
  EXPECT_EQ(report.substr(0, report.find('\n')), "modality\twhat\tcount\tfirst");
  EXPECT_THAT(report, HasSubstr("\nlabels\tsamples_without_labels\t1\ts3\n"));
  EXPECT_THAT(report, HasSubstr("\nrnaseq\tunit_assumed\t1\ttpm\n"));
  EXPECT_THAT(describe_findings(findings), HasSubstr("samples_without_labels"));
}

TEST_F(PrepareOmics, AnExistingOutputNeedsForceAndAFailureWritesNothing) {
  run_prepare_omics(options);
  EXPECT_ERROR(run_prepare_omics(options), "cohort.h5mu");
  options.force = true;
  options.input.labels = folder.write("l.csv", "id,class\nz,x\n");
  const std::string before = content_of(options.out);
  EXPECT_ERROR(run_prepare_omics(options), "no label fits a sample");
  EXPECT_EQ(content_of(options.out), before);
  folder.write("l.csv", "id,class\ns1,x\n");
  options.out = folder / "absent/cohort.h5mu";
  EXPECT_ERROR(run_prepare_omics(options), "absent");
  options.out = folder / "cohort.tsv";
  EXPECT_ERROR(run_prepare_omics(options), "call it NAME.h5mu");
}

TEST_F(PrepareOmics, ACohortIsAnInputAsWell) {
  run_prepare_omics(options);
  PrepareOptions again;
  again.input.modalities = {"rnaseq=" + options.out.string(),
                            "methylation=" + options.out.string()};
  again.out = folder / "again.h5mu";
  run_prepare_omics(again);
  const MultiOmics first = read_h5mu(options.out), second = read_h5mu(again.out);
  EXPECT_EQ(second.obs.index, first.obs.index);
  EXPECT_EQ(second.at("methylation").table.values, first.at("methylation").table.values);
}

// Real tables; skipped, aloud, where the folder is not there.
class RealCohorts : public ::testing::Test {
 protected:
  fs::path data(const std::string& name) const { return fs::path(COHESIN_SHARED) / "data" / name; }
  void add(const std::string& modality, const fs::path& path) {
    options.input.modalities.push_back(modality + "=" + path.string());
  }
  TempFolder folder;
  PrepareOptions options;
};

TEST_F(RealCohorts, XenaTpmOfThreeCohortsWithThreeDuplicateRows) {
  const fs::path at = data("tcga_xena_tpm_3cohorts");
  if (!fs::exists(at)) GTEST_SKIP() << "no " << at;
  for (const char* name : {"blca", "stad", "coadread"}) {
    const fs::path file = at / (std::string(name) + "_log2tpm.csv.gz");
    add("rnaseq", file);
    options.input.cohorts.push_back(file.string() + "=" + name);
  }
  options.input.units = {"rnaseq=log2_tpm:0.001"};
  options.out = folder / "c.h5mu";
  EXPECT_ERROR(run_prepare_omics(options), "3 samples occur more than once");
  options.input.duplicates = "first";
  const Findings findings = run_prepare_omics(options);
  EXPECT_EQ(noted(findings, "labels", "class:cohort=blca"), 288);
  EXPECT_EQ(noted(findings, "labels", "class:cohort=stad"), 244);
  EXPECT_EQ(noted(findings, "labels", "class:cohort=coadread"), 241);
  EXPECT_EQ(noted(findings, "rnaseq", "duplicate_samples"), 3);
  const MultiOmics cohort = read_h5mu(options.out);
  EXPECT_EQ(cohort.num_samples(), 773U);
  EXPECT_EQ(cohort.at("rnaseq").table.num_features(), 1577U);
  EXPECT_EQ(cohort.at("rnaseq").table.samples[0], "TCGA-MV-A51V");
  EXPECT_EQ(cohort.at("rnaseq").table.row(0)[0], static_cast<float>(std::exp2(-1.9379) - 0.001));
}

TEST_F(RealCohorts, BreastCancerWithLogRatiosBetaAndZeroTimes) {
  const fs::path at = data("tcga_brca_rna_meth_348");
  if (!fs::exists(at)) GTEST_SKIP() << "no " << at;
  add("rnaseq", at / "expression.tsv.gz");
  add("methylation", at / "methylation_beta.tsv.gz");
  options.input.units = {"rnaseq=log_ratio", "methylation=beta"};
  options.input.labels = at / "samples.tsv";
  options.input.time = "os_years:years";
  options.input.event = "os_event";
  options.out = folder / "c.h5mu";
  EXPECT_ERROR(run_prepare_omics(options), "9 samples have no valid survival");
  options.input.invalid_times = "exclude";
  const Findings findings = run_prepare_omics(options);
  EXPECT_EQ(noted(findings, "labels", "samples_with_survival"), 339);
  EXPECT_EQ(noted(findings, "labels", "events"), 48);
  EXPECT_EQ(noted(findings, "labels", "class:cluster_lock2013=3"), 173);
  EXPECT_EQ(noted(findings, "cohort", "samples"), 348);
}

TEST_F(RealCohorts, ColonCancerGenesSharedByBothOmics) {
  const fs::path at = data("tcga_coad_genelevel_30");
  if (!fs::exists(at)) GTEST_SKIP() << "no " << at;
  add("rnaseq", at / "expression.tsv.gz");
  add("methylation", at / "methylation_beta.tsv.gz");
  options.out = folder / "c.h5mu";
  EXPECT_ERROR(run_prepare_omics(options), "a TPM is never negative");
  options.input.units = {"rnaseq=log_ratio"};
  options.input.labels = at / "samples.tsv";
  run_prepare_omics(options);
  const MultiOmics cohort = read_h5mu(options.out);
  EXPECT_EQ(cohort.at("rnaseq").table.features, cohort.at("methylation").table.features);
  EXPECT_EQ(cohort.num_samples(), 30U);
}

TEST_F(RealCohorts, ColonCancerProbesWithTumourAndNormalSamplesOfOnePatient) {
  const fs::path at = data("tcga_coad_450k_chr21_38");
  if (!fs::exists(at)) GTEST_SKIP() << "no " << at;
  add("rnaseq", at / "expression_log2_fpkmuq_chr21.tsv.gz");
  add("methylation", at / "methylation_beta_450k_chr21.tsv.gz");
  options.input.units = {"rnaseq=other"};
  options.input.missing_values = "mask";
  options.out = folder / "c.h5mu";
  EXPECT_EQ(noted(run_prepare_omics(options), "cohort", "patients"), 25);
  options.force = true;
  options.input.sample_type = "normal";
  EXPECT_EQ(noted(run_prepare_omics(options), "cohort", "samples"), 8);
}

}  // namespace
}  // namespace cohesin
