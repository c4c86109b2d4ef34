// cohesin simulate omics: a cohort with known truth.
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cohesin/run/simulate_omics.h"

namespace cohesin::cli {

void add_simulate_command(CLI::App& app, CommonOptions& common) {
  CLI::App* simulate = app.add_subcommand("simulate", "Write simulated data with its truth beside");
  simulate->require_subcommand(1);
  const std::string example =
      "cohesin simulate omics --out simulated --samples 300 --genes 200 --classes 3 "
      "--missing-fraction 0.2";
  simulate->footer("Example:\n  " + example);
  CLI::App* omics =
      add_verb(*simulate, common, "omics",
               "RNA-seq and methylation of one cohort: subtypes, survival, silencing gene by gene, "
               "batches, missing omics",
               example);
  const auto options = std::make_shared<SimulateOmicsOptions>();
  const auto out = std::make_shared<std::string>();
  omics->add_option("--out", *out, "the new folder")->required();
  omics->add_option("--samples", options->num_samples, "samples")->capture_default_str();
  omics->add_option("--genes", options->num_genes, "genes")->capture_default_str();
  omics->add_option("--classes", options->num_classes, "subtypes")->capture_default_str();
  omics
      ->add_option("--missing-fraction", options->missing_fraction,
                   "share of the samples that lack one omic")
      ->capture_default_str();
  omics->add_option("--effect", options->effect, "shift of marker genes, in sds of the noise")
      ->capture_default_str();
  omics->add_option(
      "--coupled-genes", options->coupled_genes,
      "genes whose silencing by methylation tells the subtypes (default: 0.4 of all)");
  omics
      ->add_option("--coupling", options->coupling,
                   "chance that such a gene's expression obeys its methylation")
      ->capture_default_str();
  omics
      ->add_option("--batch-effect", options->batch_effect,
                   "sd of the batches' shifts, in sds of the noise")
      ->capture_default_str();
  omics->callback([options, out, &common] {
    options->seed = common.seed;
    const std::string said = simulate_omics(*options, *out, common.force);
    if (!common.quiet) std::fprintf(stderr, "%s\n", said.c_str());
  });
}

}  // namespace cohesin::cli
