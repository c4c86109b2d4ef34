#include <cstdio>
#include <memory>

#include "cli/cohort_options.h"
#include "cli/commands.h"
#include "cohesin/run/prepare_omics.h"
#include "cohesin/run/prepare_tracks.h"

namespace cohesin::cli {
namespace {

// An option whose values are NAME=FILE.
void add_named_files(CLI::App& verb, const std::string& flag, std::vector<NamedFile>& files,
                     const std::string& help) {
  verb.add_option_function<std::vector<std::string>>(
      flag,
      [&files, flag](const std::vector<std::string>& words) {
        for (const auto& word : words) {
          const size_t equals = word.find('=');
          if (equals == 0 || equals == std::string::npos || equals + 1 == word.size())
            throw CLI::ValidationError(flag, "expected NAME=FILE, got '" + word + "'");
          files.push_back({word.substr(0, equals), word.substr(equals + 1)});
        }
      },
      help + "; may repeat");
}

void add_tracks(CLI::App& prepare, CommonOptions& common) {
  CLI::App* verb = add_verb(
      prepare, common, "tracks", "Read tracks along a genome into one file to train on",
      "cohesin prepare tracks --genome hg38.fa.gz --regions windows.bed --bigwig gm12878=dnase.bw "
      "--bin 128 --context 40960 --out tracks.h5");
  const auto options = std::make_shared<PrepareTracksOptions>();
  verb->add_option("--genome", options->genome, "FASTA")->check(CLI::ExistingFile);
  verb->add_option("--regions", options->regions,
                   "BED of regions of one length, whose column 4 is train, valid or test")
      ->check(CLI::ExistingFile);
  add_named_files(*verb, "--bigwig", options->bigwigs, "NAME=FILE, a track");
  verb->add_option("--context", options->context,
                   "bases that are read at each side of a region, for the model to see");
  verb->add_option("--valid-chromosomes", options->valid_chromosomes,
                   "chr8,chr9: the split by chromosome")
      ->delimiter(',');
  verb->add_option("--test-chromosomes", options->test_chromosomes, "likewise")->delimiter(',');
  verb->add_option("--fasta", options->fasta, "windows made before: chrom:start-end|split|index")
      ->check(CLI::ExistingFile);
  add_named_files(*verb, "--values", options->values,
                  "SPLIT=FILE, their values: 16-bit numbers [windows, bins, tracks]");
  verb->add_option("--tracks", options->tracks,
                   "table of the tracks: identifier, description, strand_pair")
      ->check(CLI::ExistingFile);
  verb->add_option("--bin", options->bin, "bases of a bin")->capture_default_str();
  verb->add_option("--out", options->out, "tracks.h5")->required();
  verb->callback([options, &common] {
    options->force = common.force;
    const std::string text = prepare_tracks(*options);
    if (!common.quiet) std::fputs(text.c_str(), stdout);
  });
}

}  // namespace

void add_prepare_command(CLI::App& app, CommonOptions& common) {
  const std::string example =
      "cohesin prepare omics --modality rnaseq=rna.csv --unit rnaseq=log2_tpm:1 "
      "--modality methylation=beta.csv.gz --labels clinical.csv --out cohort.h5mu";
  CLI::App* prepare = app.add_subcommand("prepare", "Turn files of the field into our inputs");
  prepare->require_subcommand(1);
  CLI::App* verb =
      add_verb(*prepare, common, "omics",
               "Read, check and join tables of a cohort into one MuData file", example);
  prepare->footer("Example:\n  " + example);
  const auto options = std::make_shared<PrepareOptions>();
  add_cohort_options(*verb, options->input);
  verb->get_option("--modality")->required();
  verb->add_option("--out", options->out, "cohort.h5mu; beside it cohort.h5mu.prepare.tsv")
      ->required();
  verb->callback([options, &common] {
    options->force = common.force;
    const Findings findings = run_prepare_omics(*options);
    if (!common.quiet) std::fputs(describe_findings(findings).c_str(), stdout);
  });
  add_tracks(*prepare, common);
}

}  // namespace cohesin::cli
