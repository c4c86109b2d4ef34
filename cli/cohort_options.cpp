#include "cli/cohort_options.h"

namespace cohesin::cli {

namespace {

void add_list(CLI::App& verb, const std::string& flag, std::vector<std::string>& values,
              const std::string& description, const std::string& group) {
  verb.add_option(flag, values, description)->allow_extra_args(false)->group(group);
}

void add_label_options(CLI::App& verb, CohortInput& input) {
  const std::string group = "Labels";
  verb.add_option("--labels", input.labels, "table with a row a sample or patient")->group(group);
  verb.add_option("--label-id", input.label_id, "its column of names (default: the first)")
      ->group(group);
  verb.add_option("--label-by", input.label_by, "sample or patient")
      ->check(CLI::IsMember({"sample", "patient"}))
      ->group(group);
  add_list(verb, "--class-names", input.class_names, "COL=FILE: value, name of the class", group);
  verb.add_option("--time", input.time, "COL:days, COL:months or COL:years")->group(group);
  verb.add_option("--event", input.event, "COL (1 = observed) or COL=VALUE")->group(group);
  verb.add_option("--invalid-times", input.invalid_times, "error or exclude")
      ->check(CLI::IsMember({"error", "exclude"}))
      ->group(group);
  verb.add_option("--patient", input.patient,
                  "column of the grouping key (default: patient, else the first 12 characters of "
                  "a TCGA barcode, else the sample)")
      ->group(group);
}

}  // namespace

void add_cohort_options(CLI::App& verb, CohortInput& input) {
  std::string group = "Tables";
  add_list(verb, "--modality", input.modalities,
           "NAME=FILE: CSV, TSV, h5ad, h5mu or a folder of GDC files; a NAME may repeat", group);
  add_list(verb, "--unit", input.units,
           "NAME=UNIT: tpm, log2_tpm:OFFSET, counts, fpkm, beta, m_value, log_ratio or other",
           group);
  add_list(verb, "--orientation", input.orientations,
           "NAME=samples-by-features (default) or features-by-samples", group);
  add_list(verb, "--cohort", input.cohorts, "FILE=VALUE: the column `cohort` of its samples",
           group);
  verb.add_flag("--complete-cases", input.complete_cases, "only samples with every modality")
      ->group(group);
  verb.add_option("--duplicates", input.duplicates,
                  "samples or genes that repeat: error, first, mean")
      ->check(CLI::IsMember({"error", "first", "mean"}))
      ->group(group);
  verb.add_option("--missing-values", input.missing_values, "error, mask or median")
      ->check(CLI::IsMember({"error", "mask", "median"}))
      ->group(group);
  group = "Genes";
  verb.add_option("--genes", input.genes, "align every modality to this list of genes")
      ->group(group);
  verb.add_option("--missing-genes", input.missing_genes, "error, zero or mask")
      ->check(CLI::IsMember({"error", "zero", "mask"}))
      ->group(group);
  verb.add_option("--aliases", input.aliases, "two columns: alias, gene")->group(group);
  verb.add_option("--gene-lengths", input.gene_lengths, "two columns: gene, bases (counts to TPM)")
      ->group(group);
  group = "Methylation arrays";
  verb.add_option("--probe-map", input.probe_map,
                  "probe and gene: two columns, a manifest or an annotation; genes get the mean")
      ->group(group);
  verb.add_option("--masked-probes", input.masked_probes, "a probe a line: left out of the means")
      ->group(group);
  verb.add_option("--without-chromosomes", input.without_chromosomes,
                  "X,Y: probes there are left out; the probe map needs a column of chromosomes")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group(group);
  group = "GDC";
  verb.add_option("--sample-sheet", input.sample_sheet, "the portal's sample sheet")->group(group);
  verb.add_option("--sample-type", input.sample_type,
                  "\"Primary Tumor\", \"Solid Tissue Normal\", ..., or tumor, normal")
      ->group(group);
  add_label_options(verb, input);
}

}  // namespace cohesin::cli
