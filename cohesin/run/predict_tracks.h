#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cohesin {

struct PredictTracksOptions {
  std::filesystem::path checkpoint;  // an Enformer: checkpoint or Hugging Face folder
  std::filesystem::path base;        // an adapter's
  std::filesystem::path genome;      // FASTA: chromosomes, or slices of them
  std::filesystem::path regions;     // BED
  std::filesystem::path out;         // .h5ad, or bigWig, see bigwig_paths()
  std::string head;                  // "human"; empty: the only one
  std::filesystem::path tracks;      // names, see track_names()
  std::vector<std::string> only;     // these tracks; none: all
  int64_t window = 0;                // bases, see track_geometry()
  std::string summary = "mean";      // over a region's bins: mean or sum; none: a row a bin
  std::string bins = "region";       // those that overlap it, or all of its window
  bool average = false;              // of both strands
  std::string out_of_range = "pad";  // windows beyond the sequence: pad, drop or error
  std::string precision = "auto";    // of products: fp32 (auto) or bf16
  bool force = false;
};

// Predicts the tracks of each region from the window around it (see cover_with_windows): X [regions
// or bins, tracks], obs with chrom, start, end and region, var the tracks. What is done stands in
// OUT.part; the same options go on with it. Memory holds the genome and one window. Regions outside
// every sequence are left out, counted; an Error with out_of_range error, where the chromosome has
// another name, and where none is left. Throws Error naming the line of the BED, Interrupted after
// a signal.
void predict_tracks(const PredictTracksOptions& options);

}  // namespace cohesin
