#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/omics/gene_id.h"
#include "cohesin/omics/multi_omics.h"
#include "cohesin/omics/prediction_table.h"
#include "cohesin/run/embed_request.h"

namespace cohesin {

// Asking a trained checkpoint: predict, evaluate, embed.

struct AnswerOptions {
  // A run folder, a checkpoint or a crossval folder (all folds answer together).
  std::filesystem::path checkpoint;
  std::string member;  // of a crossval folder: "fold_K" or "baseline:NAME"; empty = all folds
  std::filesystem::path base;                 // of an adapter; empty: where its checkpoint says
  std::vector<std::string> without;           // one modality each: predicted again with it hidden
  std::optional<MissingGenes> missing_genes;  // none: as in training
  double coverage = 0.9;                      // of conformal sets of classes
};

// Predictions for `samples`: with every modality, then once with each of `without` hidden.
PredictionTable predict_cohort(const AnswerOptions& options,
                               const std::shared_ptr<const MultiOmics>& cohort,
                               const std::vector<int64_t>& samples);

// The same for all samples of a cohort file, which is read in parts: memory holds one part (0:
// about 128 MB of values) and the predictions.
PredictionTable predict_file(const AnswerOptions& options, const std::filesystem::path& data,
                             size_t samples_a_part = 0);

struct PredictOptions {
  AnswerOptions answer;
  std::filesystem::path out;  // predictions.tsv
  bool force = false;
};
void run_predict(const PredictOptions& options, const std::shared_ptr<const MultiOmics>& cohort);
void run_predict(const PredictOptions& options, const std::filesystem::path& data);

struct EvaluateOptions {
  AnswerOptions answer;
  std::filesystem::path data, out;  // out: scores.json
  std::filesystem::path split;      // empty: all labelled samples
  std::string part = "test";        // of the split file
  bool allow_shared_patients = false;
  bool average = false;  // of both strands, for tracks along a genome
  uint64_t seed = 0;
  bool force = false;
};
// Writes scores.json and returns a person's view of it.
std::string evaluate(const EvaluateOptions& options);

struct EmbedOptions {
  AnswerOptions answer;
  std::filesystem::path out;  // .h5ad (obsm/X_cohesin), .tsv, or .npy with OUT.samples.txt
  EmbedRequest request;
  bool force = false;
};
void embed_cohort(const EmbedOptions& options, const std::shared_ptr<const MultiOmics>& cohort);

}  // namespace cohesin
