#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/run/run_options.h"

namespace cohesin {

struct CrossvalOptions {
  std::filesystem::path recipe, data, folds, out;
  std::filesystem::path init;            // every fold starts from it; may be empty
  std::vector<std::string> without;      // modalities to hide once each
  std::vector<std::string> assignments;  // --set section.key=value
  std::optional<int64_t> seed;
  std::string fold;                        // only this one, see below
  int64_t jobs = 1;                        // folds at a time, each a process of its own
  std::optional<uint64_t> permute_labels;  // a seed: learn from permuted outcomes, a test
  bool pretrain_on_unassigned = false;
  bool allow_shared_patients = false;
  bool resume = false, force = false;
  RunOptions run;
};

// `cohesin crossval`: for each fold trains on the others (pre-training included), predicts the
// fold with every modality and with each of `without` hidden, and runs the recipe's baselines on
// the same rows. Leaves in `out`: predictions.tsv, scores.json, report.html, embeddings.tsv,
// batches.tsv, fold_K/, baselines/NAME/predictions.tsv. A fold that is done is not done again with
// `resume`.
// With `fold` that fold alone is trained and predicted, and nothing is scored: processes may so
// share an `out`, one a fold, and one with `resume` collects what they have left.
void cross_validate(const CrossvalOptions& options);

}  // namespace cohesin
