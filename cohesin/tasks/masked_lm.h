#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "cohesin/data/masking.h"
#include "cohesin/models/model.h"

namespace cohesin {

// How well hidden bins are predicted, one omic.
struct MaskedLmScores {
  double loss_nats = 0;  // mean over the selected positions
  double accuracy = 0;
  int64_t selected = 0;
};

// A corrupted batch with its labels ("rnaseq.labels") under the names that the model reads; of an
// omic that is `hidden` all is masked, and nothing asked.
Batch make_masked_batch(const OmicsModel& model, const OmicsDataset& dataset,
                        const std::vector<int64_t>& samples, const HiddenOmics& hidden,
                        const MaskingSettings& settings, uint64_t seed, uint64_t epoch,
                        NamedTensors& labels);

// The training loss: the sum over omics of each one's mean cross-entropy (as published for MOJO).
at::Tensor masked_lm_training_loss(OmicsModel& model, const Batch& batch,
                                   const NamedTensors& labels);

// Adds up scores over batches: `add` for each, then `result`.
class MaskedLmScorer {
 public:
  void add(OmicsModel& model, const Batch& batch, const NamedTensors& labels);
  std::map<std::string, MaskedLmScores> result() const;

 private:
  std::map<std::string, MaskedLmScores> sums_;
};

// The bar for a masked language model: per gene, guess the bin by its frequency among the training
// samples (add-one smoothing for the loss, the commonest bin for the accuracy), scored on the
// measured positions of `held_out`.
std::map<std::string, MaskedLmScores> gene_frequency_scores(const OmicsDataset& dataset,
                                                            const std::vector<int64_t>& training,
                                                            const std::vector<int64_t>& held_out);

}  // namespace cohesin
