#include <cstdio>
#include <memory>

#include "cli/cohort_options.h"
#include "cli/commands.h"
#include "cohesin/run/prepare_omics.h"

namespace cohesin::cli {

void add_prepare_command(CLI::App& app, CommonOptions& common) {
  const std::string example =
      "cohesin prepare omics --modality rnaseq=rna.csv --unit rnaseq=log2_tpm:1 "
      "--modality methylation=beta.csv.gz --labels clinical.csv --out cohort.h5mu";
  CLI::App* prepare = app.add_subcommand("prepare", "Turn files of the field into our inputs");
  prepare->require_subcommand(1);
  CLI::App* verb =
      add_verb(*prepare, common, "omics",
               "Read, check and join tables of a cohort into one MuData file", example);
  prepare->footer("Example:\n  " + example);
  const auto options = std::make_shared<PrepareOptions>();
  add_cohort_options(*verb, options->input);
  verb->get_option("--modality")->required();
  verb->add_option("--out", options->out, "cohort.h5mu; beside it cohort.h5mu.prepare.tsv")
      ->required();
  verb->callback([options, &common] {
    options->force = common.force;
    const Findings findings = run_prepare_omics(*options);
    if (!common.quiet) std::fputs(describe_findings(findings).c_str(), stdout);
  });
}

}  // namespace cohesin::cli
