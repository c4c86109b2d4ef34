#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/run/run_options.h"

namespace cohesin {

// `cohesin explain`: what each gene of each omic contributes to the classes, or to the risk.
struct ExplainOptions {
  std::filesystem::path checkpoint;             // a run folder, a checkpoint or a crossval folder
  std::filesystem::path base;                   // of an adapter; empty: where its checkpoint says
  std::filesystem::path data, out;              // out: a folder; empty = CHECKPOINT/explanation
  std::string method = "integrated_gradients";  // or "occlusion"
  std::string baseline = "mean";                // or "mask"
  int64_t steps = 50;                           // of integrated gradients
  // The genes a class and modality that count as its top ones: tested against `gmt`; those that
  // occlusion hides (0 = every gene).
  int64_t top = 50;
  int64_t samples = 0;          // at most so many a class and fold; 0 = all
  std::filesystem::path split;  // else: held-out samples of each fold, or the whole cohort
  std::string part = "test";    // of the split
  std::filesystem::path gmt;    // gene sets; empty = no enrichment
  int64_t smallest_set = 5, largest_set = 500;  // genes of a set that the model has
  int64_t permutations = 1000;
  bool attention = false, per_sample = false;
  uint64_t seed = 0;
  bool force = false;
  RunOptions run;
};

// Writes into `out`: attributions.tsv, explanation.json, run.json; enrichment.tsv with `gmt`,
// attention.safetensors and attention_positions.tsv with `attention`, samples.h5ad with
// `per_sample`. With a crossval folder each fold explains the samples it was tested on, unless
// there is a split. Returns a person's view of it.
std::string explain(const ExplainOptions& options);

}  // namespace cohesin
