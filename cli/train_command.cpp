#include <memory>

#include "cli/answer_options.h"
#include "cli/commands.h"
#include "cohesin/run/recipe.h"
#include "cohesin/run/train_recipe.h"

namespace cohesin::cli {

void add_train_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb =
      add_verb(app, common, "train", "Pre-train or fine-tune, as the recipe's task says",
               "cohesin train examples/pretraining.json --data cohort.h5mu --out run");
  auto options = std::make_shared<TrainOptions>();
  verb->add_option("recipe", options->recipe, "JSON recipe")->required()->check(CLI::ExistingFile);
  verb->add_option("--data", options->data,
                   "cohort (.h5mu), sequences (FASTA, or a table with a column `sequence`), or "
                   "tracks (.h5)")
      ->required()
      ->check(CLI::ExistingFile);
  verb->add_option("--out", options->out, "run folder")->required();
  verb->add_option("--split", options->split, "file `sample split`")->check(CLI::ExistingFile);
  verb->add_option("--init", options->init, "checkpoint to start from")->check(CLI::ExistingPath);
  add_missing_genes_option(*verb, options->assignments);
  verb->add_option("--set", options->assignments, "section.key=value; may repeat");
  verb->add_flag("--resume", options->resume, "go on from the run folder's latest checkpoint");
  verb->add_flag("--pretrain-on-unassigned", options->pretrain_on_unassigned,
                 "pre-train on samples that the split does not name, too");
  verb->add_flag("--allow-shared-patients", options->allow_shared_patients,
                 "a patient may stand in several parts of the split: a warning, no error");
  verb->footer([] {
    return "Example:\n  cohesin train examples/pretraining.json --data cohort.h5mu --out run\n\n"
           "Keys of a recipe, their defaults and meaning (NAME: a modality):\n" +
           describe_recipe();
  });
  verb->callback([options, verb, &common] {
    if (verb->count("--seed") > 0) options->seed = static_cast<int64_t>(common.seed);
    options->force = common.force;
    options->run = {common.device, common.precision, common.threads};
    train_recipe(*options);
  });
}

}  // namespace cohesin::cli
