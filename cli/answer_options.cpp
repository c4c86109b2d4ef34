#include "cli/answer_options.h"

#include "cli/cohort_options.h"
#include "cohesin/base/error.h"
#include "cohesin/base/log.h"
#include "cohesin/run/cohort_ensemble.h"
#include "cohesin/run/prepare_omics.h"

namespace cohesin::cli {

void add_answer_options(CLI::App& verb, AnswerOptions& answer) {
  verb.add_option("--checkpoint", answer.checkpoint,
                  "run folder (its best), checkpoint, or crossval folder (mean over folds)")
      ->required()
      ->check(CLI::ExistingDirectory);
  verb.add_option("--member", answer.member, "of a crossval folder: fold_K or baseline:NAME");
  verb.add_option("--base", answer.base, "an adapter's base, if it is not where it was")
      ->check(CLI::ExistingDirectory);
  verb.add_option("--coverage", answer.coverage,
                  "how often conformal sets of classes shall hold the truth")
      ->check(CLI::Range(0.01, 0.999));
  verb.add_option("--without", answer.without, "hide this modality; may repeat");
}

void add_missing_genes_option(CLI::App& verb, std::vector<std::string>& assignments) {
  verb.add_option_function<std::string>(
          "--missing-genes",
          [&assignments](const std::string& policy) {
            assignments.push_back("missing_genes=" + policy);
          },
          "genes of --init that the cohort lacks: error, zero or mask")
      ->check(CLI::IsMember({"error", "zero", "mask"}));
}

void add_data_options(CLI::App& verb, DataOptions& options) {
  verb.add_option("--data", options.data,
                  "prepared cohort (.h5mu), or sequences (FASTA, or a table with a column "
                  "`sequence`); or give --modality files")
      ->check(CLI::ExistingFile);
  add_cohort_options(verb, options.tables);
}

std::shared_ptr<const MultiOmics> read_data(const DataOptions& options) {
  if (options.data.empty() == options.tables.modalities.empty())
    throw Error("give either --data COHORT.h5mu or --modality NAME=FILE");
  if (!options.data.empty()) return std::make_shared<const MultiOmics>(read_samples(options.data));
  Findings findings;
  auto cohort = std::make_shared<const MultiOmics>(read_cohort(options.tables, findings));
  log_info("{}", describe_findings(findings));
  return cohort;
}

}  // namespace cohesin::cli
