#include <memory>

#include "cli/answer_options.h"
#include "cli/commands.h"
#include "cohesin/run/answer.h"
#include "cohesin/run/embed_sequences.h"

namespace cohesin::cli {

namespace {

// What is asked of sequences, beside the options that cohorts share.
void add_sequence_options(CLI::App& verb, EmbedSequencesOptions& options) {
  const std::string group = "Sequences";
  verb.add_option("--fasta", options.fasta,
                  "embed the records of this FASTA file (.gz too; '-' = standard input)")
      ->group(group);
  verb.add_option("--pool", options.pool, "one row a record: mean of its tokens, or cls; or none")
      ->check(CLI::IsMember({"mean", "cls", "none"}))
      ->group(group);
  verb.add_option("--max-tokens", options.max_tokens, "tokens that go through the model together")
      ->group(group);
  verb.add_option("--max-length", options.max_length,
                  "tokens of a record; default what the model was trained on")
      ->group(group);
  verb.add_option("--window", options.window, "embed longer records in pieces of so many letters")
      ->group(group);
  verb.add_option("--overlap", options.overlap, "letters that neighbouring pieces share as context")
      ->group(group);
  verb.add_option("--letters", options.letters,
                  "what becomes of letters that the model lacks, KEY=VALUE: lower_case, rna, "
                  "ambiguous, gaps, stop")
      ->group(group);
}

}  // namespace

void add_embed_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb =
      add_verb(app, common, "embed", "Write the embeddings of samples or sequences",
               "cohesin embed --checkpoint run --data cohort.h5mu --out embedded.h5ad\n"
               "  cohesin embed --checkpoint esm2_t30_150M_UR50D --fasta proteins.fa.gz --out "
               "proteins.h5ad");
  const auto options = std::make_shared<EmbedOptions>();
  const auto sequences = std::make_shared<EmbedSequencesOptions>();
  const auto data = std::make_shared<DataOptions>();
  add_answer_options(*verb, options->answer);
  add_data_options(*verb, *data);
  verb->add_option("--out", options->out,
                   ".h5ad (obsm/X_cohesin), .tsv, or .npy with OUT.samples.txt; .safetensors for "
                   "the tokens of sequences")
      ->required();
  verb->add_option("--layer", options->request.layer,
                   "layer, from 1 (of sequences from 0, the table); default -1: the last");
  verb->add_flag("--per-feature", options->request.per_feature,
                 "keep the positions: .npy of [samples, positions, dimensions]");
  add_sequence_options(*verb, *sequences);
  verb->callback([=, &common] {
    options->force = common.force;
    if (!sequences->fasta.empty()) {
      if (!data->data.empty() || !data->tables.modalities.empty())
        throw CLI::ValidationError("--fasta", "give either --fasta or a cohort");
      sequences->checkpoint = options->answer.checkpoint;
      sequences->out = options->out;
      sequences->layer = options->request.layer;
      sequences->precision = common.precision;
      sequences->force = common.force;
      return embed_sequences(*sequences);
    }
    if (verb->count("--missing-genes") > 0)
      options->answer.missing_genes = parse_missing_genes(data->tables.missing_genes);
    if (options->answer.without.size() > 1) throw CLI::ValidationError("--without", "at most once");
    if (!options->answer.without.empty()) options->request.hidden = options->answer.without.front();
    embed_cohort(*options, read_data(*data));
  });
}

}  // namespace cohesin::cli
