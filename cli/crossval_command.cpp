#include <memory>

#include "cli/answer_options.h"
#include "cli/commands.h"
#include "cohesin/run/crossval.h"

namespace cohesin::cli {

void add_crossval_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb = add_verb(
      app, common, "crossval", "Train and test fold by fold, beside plain methods, with a report",
      "cohesin crossval examples/classification.json --data cohort.h5mu --folds folds.tsv "
      "--without methylation --out result");
  auto options = std::make_shared<CrossvalOptions>();
  verb->add_option("recipe", options->recipe, "JSON recipe")->required()->check(CLI::ExistingFile);
  verb->add_option("--data", options->data,
                   "cohort (.h5mu), or sequences (FASTA, or a table with a column `sequence`)")
      ->required()
      ->check(CLI::ExistingFile);
  verb->add_option("--folds", options->folds, "file `sample fold`")
      ->required()
      ->check(CLI::ExistingFile);
  verb->add_option("--out", options->out, "result folder")->required();
  verb->add_option("--without", options->without,
                   "predict again with this modality hidden; may repeat");
  verb->add_option("--init", options->init,
                   "checkpoint to start every fold from (not trained on these samples)")
      ->check(CLI::ExistingPath);
  add_missing_genes_option(*verb, options->assignments);
  verb->add_option("--set", options->assignments, "section.key=value; may repeat");
  verb->add_flag("--resume", options->resume, "keep the folds that are done");
  verb->add_flag("--pretrain-on-unassigned", options->pretrain_on_unassigned,
                 "pre-train on samples that the folds do not name, too");
  verb->add_option("--fold", options->fold,
                   "train and predict this fold alone; --resume without it collects all");
  verb->add_option("--jobs", options->jobs, "folds trained at a time, sharing the threads")
      ->check(CLI::Range(1, 1024));
  verb->add_option("--permute-labels", options->permute_labels,
                   "seed: outcomes are permuted among the samples first, to see what chance gives");
  verb->add_flag("--allow-shared-patients", options->allow_shared_patients,
                 "a patient may stand in several folds: a warning, no error");
  verb->callback([options, verb, &common] {
    if (verb->count("--seed") > 0) options->seed = static_cast<int64_t>(common.seed);
    options->force = common.force;
    options->run = {common.device, common.precision, common.threads};
    cross_validate(*options);
  });
}

}  // namespace cohesin::cli
