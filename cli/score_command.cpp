#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cohesin/run/score.h"

namespace cohesin::cli {

void add_score_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb =
      add_verb(app, common, "score", "Score a table of predictions, ours or another tool's",
               "cohesin score --predictions predictions.tsv --out scores.json");
  const auto options = std::make_shared<ScoreOptions>();
  verb->add_option("--predictions", options->predictions,
                   "TSV: sample, [fold, modalities, hidden,] label, predicted, "
                   "probability:CLASS... (or time_days, event, risk; or target:NAME, "
                   "predicted:NAME)")
      ->required();
  verb->add_option("--out", options->out, "scores.json")->required();
  verb->callback([options, &common] {
    options->seed = common.seed;
    options->force = common.force;
    const Scores scores = run_score(*options);
    if (!common.quiet) std::fputs(describe_scores(scores).c_str(), stdout);
  });
}

}  // namespace cohesin::cli
