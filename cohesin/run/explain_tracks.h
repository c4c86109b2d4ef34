#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cohesin {

struct ExplainTracksOptions {
  std::filesystem::path checkpoint;  // an Enformer: checkpoint or Hugging Face folder
  std::filesystem::path base;        // an adapter's
  std::filesystem::path genome;      // FASTA: chromosomes, or slices of them
  std::filesystem::path regions;     // BED
  std::filesystem::path out;         // the beginning of the files' names
  std::string head;                  // "human"; empty: the only one
  std::filesystem::path tracks;      // names, see track_names()
  std::vector<std::string> only;     // the tracks that are summed; may be empty where there is one
  int64_t window = 0;                // bases, see track_geometry()
  std::string bins = "region";       // summed: those that overlap the region, or window
  int64_t bins_around = 0;           // or so many in the middle of the window
  std::string strands = "both";      // or forward
  std::string method = "integrated_gradients";  // gradient or mutagenesis
  std::string baseline = "uniform";             // see LetterBaseline; or zeros
  int64_t steps = 20;                           // of integrated gradients
  int64_t width = 0;       // bases in the middle of each region that are explained; 0: all
  int64_t longest = 1000;  // mutagenesis refuses longer regions
  std::string out_of_range = "pad";  // windows beyond the sequence: pad, drop or error
  std::string precision = "auto";    // of products: fp32 (auto), or bf16 for mutagenesis
  bool force = false;
};

// Says what the bases of regions contribute to tracks (see WindowExplainer). The middle of each
// region is base window / 2 of its window. Writes OUT.ohe.npz and OUT.attributions.npz, arrays
// [regions, 4, bases] of the letters and the hypothetical attributions, as tfmodisco-lite reads
// them; OUT.effects.npz with mutagenesis, whose attributions are effects without the mean of the
// four letters; OUT.regions.tsv with `chrom start end name prediction baseline attributions`. What
// is done stands in OUT.part; the same options go on with it. Throws Error naming the line of the
// BED, Interrupted after a signal.
void explain_tracks(const ExplainTracksOptions& options);

}  // namespace cohesin
