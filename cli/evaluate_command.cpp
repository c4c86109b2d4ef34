#include <cstdio>
#include <memory>

#include "cli/answer_options.h"
#include "cli/commands.h"

namespace cohesin::cli {

void add_evaluate_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb =
      add_verb(app, common, "evaluate", "Score a checkpoint on a cohort with labels",
               "cohesin evaluate --checkpoint run --data cohort.h5mu --out scores.json");
  auto options = std::make_shared<EvaluateOptions>();
  add_answer_options(*verb, options->answer);
  verb->add_option("--data", options->data,
                   "cohort (.h5mu), sequences (FASTA, or a table with a column `sequence`), or "
                   "tracks (.h5)")
      ->required()
      ->check(CLI::ExistingFile);
  verb->add_option("--out", options->out, "scores.json")->required();
  verb->add_option("--split", options->split, "file `sample split`; its test part is scored")
      ->check(CLI::ExistingFile);
  verb->add_flag("--average", options->average, "tracks: predict the mean of both strands");
  verb->add_flag("--allow-shared-patients", options->allow_shared_patients,
                 "a patient may stand in several parts of the split: a warning, no error");
  verb->add_option_function<std::string>(
          "--missing-genes",
          [options](const std::string& policy) {
            options->answer.missing_genes = parse_missing_genes(policy);
          },
          "genes of the model that the cohort lacks: error, zero or mask (default: as in training)")
      ->check(CLI::IsMember({"error", "zero", "mask"}));
  verb->callback([options, &common] {
    options->seed = common.seed;
    options->force = common.force;
    std::fputs(evaluate(*options).c_str(), stdout);
  });
}

}  // namespace cohesin::cli
