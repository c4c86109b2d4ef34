#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cohesin/run/split_samples.h"

namespace cohesin::cli {

void add_split_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb = add_verb(app, common, "split",
                            "Divide a cohort's samples into folds, or train, valid and test",
                            "cohesin split --data cohort.h5mu --out folds.tsv --folds 5 "
                            "--stratify subtype");
  const auto options = std::make_shared<SplitOptions>();
  verb->add_option("--data", options->data, "cohort (.h5mu, .h5ad), or sequences")->required();
  verb->add_option("--out", options->out, "TSV: sample, fold or split")->required();
  CLI::Option* folds = verb->add_option("--folds", options->folds, "number of folds");
  CLI::Option* fractions =
      verb->add_option("--fractions", options->fractions, "train,valid,test (or train,test), sum 1")
          ->delimiter(',')
          ->excludes(folds);
  CLI::Option* leave_out = verb->add_option("--leave-out", options->leave_out,
                                            "column: a fold a value; `site`: also of TCGA barcodes")
                               ->excludes(folds)
                               ->excludes(fractions);
  verb->add_option("--min-size", options->min_size,
                   "--leave-out: values with fewer samples (default 10) are one fold, `pooled`")
      ->needs(leave_out);
  verb->add_option("--stratify", options->stratify,
                   "column whose classes are spread evenly; several (cohort,event): together")
      ->delimiter(',')
      ->allow_extra_args(false);
  verb->add_option("--group", options->group, "column that never stands on both sides");
  verb->callback([options, &common] {
    options->seed = common.seed;
    options->force = common.force;
    const SplitResult result = run_split(*options);
    if (!common.quiet) std::fputs(describe_split(result).c_str(), stdout);
  });
}

}  // namespace cohesin::cli
