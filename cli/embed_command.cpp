#include <memory>

#include "cli/answer_options.h"
#include "cli/commands.h"
#include "cohesin/run/answer.h"

namespace cohesin::cli {

void add_embed_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb =
      add_verb(app, common, "embed", "Write the embeddings of samples",
               "cohesin embed --checkpoint run --data cohort.h5mu --out embedded.h5ad");
  const auto options = std::make_shared<EmbedOptions>();
  const auto data = std::make_shared<DataOptions>();
  add_answer_options(*verb, options->answer);
  add_data_options(*verb, *data);
  verb->add_option("--out", options->out,
                   ".h5ad (obsm/X_cohesin), .tsv, or .npy with OUT.samples.txt")
      ->required();
  verb->add_option("--layer", options->request.layer,
                   "transformer layer, from 1 (default -1: the last)");
  verb->add_flag("--per-feature", options->request.per_feature,
                 "keep the positions: .npy of [samples, positions, dimensions]");
  verb->callback([=, &common] {
    options->force = common.force;
    if (verb->count("--missing-genes") > 0)
      options->answer.missing_genes = parse_missing_genes(data->tables.missing_genes);
    if (options->answer.without.size() > 1) throw CLI::ValidationError("--without", "at most once");
    if (!options->answer.without.empty()) options->request.hidden = options->answer.without.front();
    embed_cohort(*options, read_data(*data));
  });
}

}  // namespace cohesin::cli
