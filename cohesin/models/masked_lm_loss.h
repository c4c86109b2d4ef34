#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace cohesin {

inline constexpr int64_t kNoLabel = -100;  // a position without loss

struct MaskedLmTarget {
  at::Tensor logits_BLV;
  at::Tensor labels_BL;  // int64, the original id, or kNoLabel
};

enum class OmicsMean {
  together,  // one mean over the selected positions of all omics: the reference cases
  each,      // the sum of every omic's own mean: the published training
};

// Cross-entropy in nats over the selected positions. An omic without a selected position
// contributes nothing; without any at all the loss is 0.
at::Tensor masked_lm_loss(const std::vector<MaskedLmTarget>& omics, OmicsMean mean);

}  // namespace cohesin
