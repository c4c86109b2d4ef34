#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cohesin {

struct TrackVariantsOptions {
  std::filesystem::path checkpoint;  // an Enformer: checkpoint or Hugging Face folder
  std::filesystem::path genome;      // FASTA: chromosomes, or slices of them
  std::filesystem::path vcf;
  std::filesystem::path out;          // .tsv, .tsv.gz or .h5ad
  std::string head;                   // "human"; empty: the only one
  std::filesystem::path tracks;       // names, see track_names()
  std::vector<std::string> only;      // these tracks; none: all
  int64_t window = 0;                 // bases, see track_geometry()
  int64_t bins_around = 0;            // so many bins around the variant are summed; 0: all
  std::string strands = "both";       // or forward
  std::vector<int64_t> shifts = {0};  // bases by which windows begin farther right
  std::string out_of_range = "pad";   // see VariantPlacementRules
  std::string ref_mismatch = "error";
  std::string precision = "auto";  // of products: fp32 (auto) or bf16
  bool force = false;
};

// Effects of variants on tracks. The sum over the bins of what the model predicts for a window,
// averaged over strands and shifts, is `reference` with the reference allele and `alternative` with
// another; `effect` is alternative - reference (SAD) and `log_ratio` log2((1 + alternative) /
// (1 + reference)). Base window / 2 - shift of a window is the first of REF. Both windows begin at
// the same base and have the same length, and their bins are compared by number: a longer allele
// pushes letters out at the right end. A table has a row for each variant and track; an h5ad
// [variants, tracks] has effects as X and layers log_ratio, reference and alternative. What is done
// stands in OUT.part; the same options go on with it. Throws Error naming the line of the VCF,
// Interrupted after a signal.
void score_track_variants(const TrackVariantsOptions& options);

}  // namespace cohesin
