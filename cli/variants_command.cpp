#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cohesin/run/genome_variants.h"
#include "cohesin/run/protein_variants.h"
#include "cohesin/run/track_model.h"
#include "cohesin/run/track_variants.h"

namespace cohesin::cli {

namespace {

void add_protein_options(CLI::App& verb, ProteinVariantsOptions& options) {
  const std::string group = "Proteins";
  verb.add_option("--protein", options.protein, "FASTA file of the protein, or of several")
      ->group(group);
  verb.add_option("--mutations", options.mutations,
                  "CSV or TSV with a column of names such as A23V or A23V:G24S")
      ->group(group);
  verb.add_option("--column", options.column,
                  "that column; default mutant, mutation, mutations or variant")
      ->group(group);
  verb.add_option("--offset", options.offset, "the number of the first residue in these names")
      ->group(group);
  verb.add_option("--method", options.method,
                  "masked (each changed position hidden), wild-type (nothing hidden) or pll (every "
                  "position hidden in its turn, with and without the change)")
      ->check(CLI::IsMember({"masked", "wild-type", "pll"}))
      ->group(group);
  verb.add_option("--compare", options.compare,
                  "column of measured effects: print Spearman's correlation with it")
      ->group(group);
}

void add_genome_options(CLI::App& verb, GenomeVariantsOptions& options) {
  const std::string group = "DNA";
  verb.add_option("--genome", options.genome,
                  "FASTA file of chromosomes, or of slices named chrom:start-end")
      ->group(group);
  verb.add_option("--vcf", options.vcf, "the variants (.gz too)")->group(group);
  verb.add_option("--out-of-range", options.out_of_range,
                  "windows that reach beyond the sequence: pad (with N), drop or error")
      ->check(CLI::IsMember({"pad", "drop", "error"}))
      ->group(group);
  verb.add_option("--ref-mismatch", options.ref_mismatch,
                  "variants whose REF is not what the genome has: error or skip")
      ->check(CLI::IsMember({"error", "skip"}))
      ->group(group);
}

const char* const kTrackOptions[] = {"--head",        "--tracks",  "--track",
                                     "--bins-around", "--strands", "--shifts"};

void add_track_options(CLI::App& verb, TrackVariantsOptions& options) {
  const std::string group = "DNA, effects on tracks (Enformer)";
  const auto add = [&](const char* name, auto& value, const char* help) {
    return verb.add_option(name, value, help)->group(group);
  };
  add("--head", options.head, "such as human; default the only one of the model");
  add("--tracks", options.tracks,
      "names of the tracks: one a line, or the authors' table of targets");
  add("--track", options.only, "write this track alone; may repeat");
  add("--bins-around", options.bins_around,
      "sum so many bins around the variant; default all that are predicted");
  add("--strands", options.strands, "both (the mean; default) or forward")
      ->check(CLI::IsMember({"both", "forward"}));
  add("--shifts", options.shifts,
      "bases by which windows begin farther right, averaged, such as -1,0,1; default 0")
      ->delimiter(',');
}

void require_together(bool has_first, bool has_second, const char* first, const char* second) {
  if (has_first != has_second)
    throw CLI::ValidationError(has_first ? first : second,
                               std::string("needs ") + (has_first ? second : first));
}

void score_proteins(const ProteinVariantsOptions& options) {
  const auto agreement = score_protein_variants(options);
  if (agreement)
    std::printf("spearman %.4f over %lld variants (%s)\n", agreement->spearman,
                static_cast<long long>(agreement->count), options.compare.c_str());
}

void refuse_track_options(const CLI::App& verb) {
  for (const char* name : kTrackOptions)
    if (verb.count(name) > 0)
      throw CLI::ValidationError(name, "needs a model that predicts tracks, such as Enformer");
}

// By a language model, or by a model of tracks.
void score_genome(const CLI::App& verb, GenomeVariantsOptions& options,
                  TrackVariantsOptions& tracks, const CommonOptions& common) {
  if (!predicts_tracks(options.checkpoint)) {
    refuse_track_options(verb);
    return score_genome_variants(options);
  }
  if (verb.count("--max-tokens") > 0)
    throw CLI::ValidationError("--max-tokens", "is for language models");
  tracks.checkpoint = options.checkpoint;
  tracks.genome = options.genome;
  tracks.vcf = options.vcf;
  tracks.out = options.out;
  tracks.window = options.window;
  tracks.out_of_range = options.out_of_range;
  tracks.ref_mismatch = options.ref_mismatch;
  tracks.precision = common.precision;
  tracks.force = common.force;
  score_track_variants(tracks);
}

}  // namespace

void add_variants_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb = add_verb(
      app, common, "variants",
      "Score variants: what a language model expects, or effects on tracks",
      "cohesin variants --checkpoint esm2_t33_650M_UR50D --protein TEM1.fasta --mutations "
      "scan.csv --offset 24 --out scored.tsv --compare fitness\n"
      "  cohesin variants --checkpoint nucleotide-transformer-v2-50m-multi-species --genome "
      "hg38.fa.gz --vcf variants.vcf.gz --out scored.tsv\n"
      "  cohesin variants --checkpoint enformer --head human --genome hg38.fa.gz --vcf "
      "variants.vcf.gz --shifts -1,0,1 --out effects.h5ad");
  const auto protein = std::make_shared<ProteinVariantsOptions>();
  const auto genome = std::make_shared<GenomeVariantsOptions>();
  const auto tracks = std::make_shared<TrackVariantsOptions>();
  verb->add_option("--checkpoint", protein->checkpoint,
                   "a run, a checkpoint or a Hugging Face folder of ESM-2, the Nucleotide "
                   "Transformer or Enformer")
      ->required();
  verb->add_option("--out", protein->out,
                   "table of scores (.tsv; .csv for proteins); with language models the VCF with "
                   "effects in INFO (.vcf); .gz too; tracks: .h5ad")
      ->required();
  verb->add_option("--window", protein->window,
                   "letters that the model sees around a variant; default what it was trained on");
  verb->add_option("--max-tokens", protein->max_tokens,
                   "tokens that go through the model together");
  add_protein_options(*verb, *protein);
  add_genome_options(*verb, *genome);
  add_track_options(*verb, *tracks);
  verb->callback([=, &common] {
    const bool has_protein = verb->count("--protein") > 0, has_vcf = verb->count("--vcf") > 0;
    require_together(has_protein, verb->count("--mutations") > 0, "--protein", "--mutations");
    require_together(has_vcf, verb->count("--genome") > 0, "--vcf", "--genome");
    if (has_protein == has_vcf)
      throw CLI::ValidationError("variants",
                                 "give either --protein and --mutations or --genome and --vcf");
    protein->force = common.force;
    if (has_protein) {
      refuse_track_options(*verb);
      return score_proteins(*protein);
    }
    genome->checkpoint = protein->checkpoint;
    genome->out = protein->out;
    genome->window = protein->window;
    genome->max_tokens = protein->max_tokens;
    genome->force = common.force;
    score_genome(*verb, *genome, *tracks, common);
  });
}

}  // namespace cohesin::cli
