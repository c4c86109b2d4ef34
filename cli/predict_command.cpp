#include <memory>

#include "cli/answer_options.h"
#include "cli/commands.h"
#include "cohesin/run/answer.h"
#include "cohesin/run/predict_tracks.h"

namespace cohesin::cli {

namespace {

// Tracks along a genome, beside the options that cohorts share.
void add_track_options(CLI::App& verb, PredictTracksOptions& options) {
  const std::string group = "Tracks of a genome (Enformer)";
  CLI::Option* genome =
      verb.add_option("--genome", options.genome,
                      "FASTA of chromosomes, or of slices named chrom:start-end (.gz too)")
          ->group(group);
  const auto add = [&](const char* name, auto& value, const char* help) {
    return verb.add_option(name, value, help)->needs(genome)->group(group);
  };
  genome->needs(add("--regions", options.regions, "BED file of the regions (.gz too)"));
  add("--head", options.head, "such as human; default the only one of the model");
  add("--tracks", options.tracks,
      "names of the tracks: one a line, or the authors' table of targets");
  add("--track", options.only, "write this track alone; may repeat");
  add("--window", options.window,
      "bases that the model sees around a region; default 12/7 of what it predicts, as published");
  add("--summary", options.summary, "of a region's bins: mean, sum, or none for a row a bin")
      ->check(CLI::IsMember({"mean", "sum", "none"}));
  add("--bins", options.bins, "region: those that overlap it; window: all that are predicted")
      ->check(CLI::IsMember({"region", "window"}));
  verb.add_flag("--average", options.average, "the mean of both strands")
      ->needs(genome)
      ->group(group);
  add("--out-of-range", options.out_of_range,
      "windows that go beyond the sequence: pad, drop or error")
      ->check(CLI::IsMember({"pad", "drop", "error"}));
}

void predict_along_genome(const CLI::App& verb, PredictTracksOptions options,
                          const PredictOptions& asked, const CommonOptions& common) {
  for (const char* name : {"--data", "--modality", "--member", "--coverage", "--without"})
    if (verb.count(name) > 0)
      throw CLI::ValidationError(name, "is for cohorts; it does not go with --genome");
  options.checkpoint = asked.answer.checkpoint;
  options.base = asked.answer.base;
  options.out = asked.out;
  options.precision = common.precision;
  options.force = common.force;
  predict_tracks(options);
}

}  // namespace

void add_predict_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb =
      add_verb(app, common, "predict",
               "Predict classes, survival or values of new samples, or tracks of a genome",
               "cohesin predict --checkpoint result --data new.h5mu --out predictions.tsv\n"
               "  cohesin predict --checkpoint enformer --head human --genome hg38.fa.gz --regions "
               "genes.bed --out tracks.h5ad");
  const auto options = std::make_shared<PredictOptions>();
  const auto tracks = std::make_shared<PredictTracksOptions>();
  const auto data = std::make_shared<DataOptions>();
  add_answer_options(*verb, options->answer);
  add_data_options(*verb, *data);
  verb->add_option("--out", options->out, "predictions.tsv; tracks: .h5ad, or .bw, a file a track")
      ->required();
  add_track_options(*verb, *tracks);
  verb->callback([=, &common] {
    if (!tracks->genome.empty()) return predict_along_genome(*verb, *tracks, *options, common);
    options->force = common.force;
    if (verb->count("--missing-genes") > 0)
      options->answer.missing_genes = parse_missing_genes(data->tables.missing_genes);
    if (data->data.empty() || !data->tables.modalities.empty())
      run_predict(*options, read_data(*data));
    else
      run_predict(*options, data->data);  // in parts: it may be larger than memory
  });
}

}  // namespace cohesin::cli
