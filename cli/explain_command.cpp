#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cohesin/run/explain.h"

namespace cohesin::cli {

namespace {

void add_explain_options(CLI::App& verb, ExplainOptions& options) {
  verb.add_option("--checkpoint", options.checkpoint,
                  "run folder, checkpoint, or crossval folder (each fold explains its test part)")
      ->required()
      ->check(CLI::ExistingDirectory);
  verb.add_option("--base", options.base, "an adapter's base, if it is not where it was")
      ->check(CLI::ExistingDirectory);
  verb.add_option("--data", options.data, "cohort (.h5mu)")->required()->check(CLI::ExistingFile);
  verb.add_option("--out", options.out, "result folder (default CHECKPOINT/explanation)");
  verb.add_option("--method", options.method, "integrated_gradients (default) or occlusion");
  verb.add_option("--baseline", options.baseline,
                  "what a gene is compared with: mean (default; its mean embedding in the cohort) "
                  "or mask (not measured)");
  verb.add_option("--steps", options.steps, "of integrated gradients (default 50)");
  verb.add_option("--top", options.top,
                  "genes a class and modality that enrichment tests and occlusion hides (default "
                  "50; for occlusion 0 = every gene)");
  verb.add_option("--samples", options.samples, "at most so many a class and fold (default all)");
  verb.add_option("--split", options.split, "file `sample split`; its test part is explained")
      ->check(CLI::ExistingFile);
  verb.add_option("--part", options.part, "of the split (default test)");
  verb.add_option("--gmt", options.gmt, "gene sets to test the genes for")
      ->check(CLI::ExistingFile);
  verb.add_option("--permutations", options.permutations, "random sets (default 1000)");
  verb.add_flag("--attention", options.attention, "write attention maps, a mean a class");
  verb.add_flag("--per-sample", options.per_sample, "write samples.h5ad");
}

}  // namespace

void add_explain_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb = add_verb(
      app, common, "explain", "Say which genes of which modality speak for a class or a risk",
      "cohesin explain --checkpoint result --data cohort.h5mu --gmt sets.gmt");
  auto options = std::make_shared<ExplainOptions>();
  auto sizes = std::make_shared<std::vector<int64_t>>();
  add_explain_options(*verb, *options);
  verb->add_option("--set-sizes", *sizes, "LEAST,MOST genes of a set (default 5,500)")
      ->delimiter(',')
      ->expected(2);
  verb->callback([=, &common] {
    if (sizes->size() == 2) {
      options->smallest_set = sizes->front();
      options->largest_set = sizes->back();
    }
    options->seed = common.seed;
    options->force = common.force;
    options->run = {common.device, common.precision, common.threads};
    std::fputs(explain(*options).c_str(), stdout);
  });
}

}  // namespace cohesin::cli
