#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cohesin/run/explain.h"
#include "cohesin/run/explain_tracks.h"

namespace cohesin::cli {

namespace {

void add_explain_options(CLI::App& verb, ExplainOptions& options) {
  verb.add_option("--checkpoint", options.checkpoint,
                  "run folder, checkpoint, or crossval folder (each fold explains its test part)")
      ->required()
      ->check(CLI::ExistingDirectory);
  verb.add_option("--base", options.base, "an adapter's base, if it is not where it was")
      ->check(CLI::ExistingDirectory);
  verb.add_option("--data", options.data, "cohort (.h5mu)")->check(CLI::ExistingFile);
  verb.add_option("--out", options.out,
                  "result folder (default CHECKPOINT/explanation); regions: NAME of NAME.ohe.npz, "
                  "NAME.attributions.npz, NAME.regions.tsv");
  verb.add_option("--method", options.method,
                  "integrated_gradients (default) or occlusion; regions: also gradient, "
                  "mutagenesis, no occlusion");
  verb.add_option("--baseline", options.baseline,
                  "what a gene is compared with: mean (default; its mean embedding in the cohort) "
                  "or mask (not measured); what a base is: uniform (default; the mean of the four "
                  "letters) or zeros (N)");
  verb.add_option("--steps", options.steps, "of integrated gradients (default 50; regions 20)");
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

const char* const kCohortOptions[] = {"--data",       "--top",      "--samples",      "--split",
                                      "--part",       "--gmt",      "--permutations", "--attention",
                                      "--per-sample", "--set-sizes"};
const char* const kTrackOptions[] = {"--regions", "--head",    "--tracks",      "--track",
                                     "--window",  "--bins",    "--bins-around", "--strands",
                                     "--width",   "--longest", "--out-of-range"};

void add_track_options(CLI::App& verb, ExplainTracksOptions& options) {
  const std::string group = "Regions of a genome (Enformer)";
  const auto add = [&](const char* name, auto& value, const char* help) {
    return verb.add_option(name, value, help)->group(group);
  };
  add("--genome", options.genome,
      "FASTA of chromosomes, or of slices named chrom:start-end (.gz too)");
  add("--regions", options.regions, "BED file of the regions, one window each (.gz too)");
  add("--head", options.head, "such as human; default the only one of the model");
  add("--tracks", options.tracks,
      "names of the tracks: one a line, or the authors' table of targets");
  add("--track", options.only, "the track to explain; may repeat: their sum");
  add("--window", options.window, "bases that the model sees, as in predict");
  add("--bins", options.bins,
      "whose sum is explained: region (default; those that overlap it) or window (all)")
      ->check(CLI::IsMember({"region", "window"}));
  add("--bins-around", options.bins_around, "so many bins in the middle of the window instead");
  add("--strands", options.strands, "both (the mean; default) or forward")
      ->check(CLI::IsMember({"both", "forward"}));
  add("--width", options.width, "bases in the middle of each region that are explained");
  add("--longest", options.longest, "mutagenesis refuses longer regions (default 1000)");
  add("--out-of-range", options.out_of_range,
      "windows that go beyond the sequence: pad, drop or error")
      ->check(CLI::IsMember({"pad", "drop", "error"}));
}

void refuse(const CLI::App& verb, const auto& names, const char* why) {
  for (const char* name : names)
    if (verb.count(name) > 0) throw CLI::ValidationError(name, why);
}

void explain_regions(const CLI::App& verb, ExplainTracksOptions options,
                     const ExplainOptions& asked, const CommonOptions& common) {
  refuse(verb, kCohortOptions, "is for cohorts; it does not go with --genome");
  if (verb.count("--regions") == 0) throw CLI::ValidationError("--genome", "needs --regions");
  options.checkpoint = asked.checkpoint;
  options.base = asked.base;
  options.out = asked.out;
  if (verb.count("--method") > 0) options.method = asked.method;
  if (verb.count("--baseline") > 0) options.baseline = asked.baseline;
  if (verb.count("--steps") > 0) options.steps = asked.steps;
  options.precision = common.precision;
  options.force = common.force;
  explain_tracks(options);
}

}  // namespace

void add_explain_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb = add_verb(
      app, common, "explain",
      "Say which genes speak for a class or a risk, or which bases for a track",
      "cohesin explain --checkpoint result --data cohort.h5mu --gmt sets.gmt\n"
      "  cohesin explain --checkpoint enformer --head human --track CAGE:liver --genome hg38.fa.gz "
      "--regions promoters.bed --width 500 --method gradient --out promoters");
  auto options = std::make_shared<ExplainOptions>();
  auto sizes = std::make_shared<std::vector<int64_t>>();
  const auto tracks = std::make_shared<ExplainTracksOptions>();
  add_explain_options(*verb, *options);
  add_track_options(*verb, *tracks);
  verb->add_option("--set-sizes", *sizes, "LEAST,MOST genes of a set (default 5,500)")
      ->delimiter(',')
      ->expected(2);
  verb->callback([=, &common] {
    if (verb->count("--genome") > 0) return explain_regions(*verb, *tracks, *options, common);
    refuse(*verb, kTrackOptions, "goes with --genome");
    if (options->data.empty()) throw CLI::RequiredError("--data or --genome");
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
