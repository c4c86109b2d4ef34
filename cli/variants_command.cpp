#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cohesin/run/protein_variants.h"

namespace cohesin::cli {

void add_variants_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb = add_verb(
      app, common, "variants", "Score variants by what a language model of sequences expects",
      "cohesin variants --checkpoint esm2_t33_650M_UR50D --protein TEM1.fasta --mutations "
      "scan.csv --offset 24 --out scored.tsv --compare fitness");
  const auto protein = std::make_shared<ProteinVariantsOptions>();
  verb->add_option("--checkpoint", protein->checkpoint,
                   "a run, a checkpoint or a Hugging Face folder of ESM-2")
      ->required();
  verb->add_option("--out", protein->out, "table of scores (.tsv, .csv; .gz too)")->required();
  verb->add_option("--window", protein->window,
                   "letters that the model sees around a variant; default what it was trained on");
  verb->add_option("--max-tokens", protein->max_tokens,
                   "tokens that go through the model together");
  const std::string group = "Proteins";
  verb->add_option("--protein", protein->protein, "FASTA file of the protein, or of several")
      ->required()
      ->group(group);
  verb->add_option("--mutations", protein->mutations,
                   "CSV or TSV with a column of names such as A23V or A23V:G24S")
      ->required()
      ->group(group);
  verb->add_option("--column", protein->column,
                   "that column; default mutant, mutation, mutations or variant")
      ->group(group);
  verb->add_option("--offset", protein->offset, "the number of the first residue in these names")
      ->group(group);
  verb->add_option(
          "--method", protein->method,
          "masked (each changed position hidden), wild-type (nothing hidden) or pll (every "
          "position hidden in its turn, with and without the change)")
      ->check(CLI::IsMember({"masked", "wild-type", "pll"}))
      ->group(group);
  verb->add_option("--compare", protein->compare,
                   "column of measured effects: print Spearman's correlation with it")
      ->group(group);
  verb->callback([=, &common] {
    protein->force = common.force;
    const auto agreement = score_protein_variants(*protein);
    if (agreement)
      std::printf("spearman %.4f over %lld variants (%s)\n", agreement->spearman,
                  static_cast<long long>(agreement->count), protein->compare.c_str());
  });
}

}  // namespace cohesin::cli
