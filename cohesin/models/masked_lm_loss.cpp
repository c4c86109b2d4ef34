#include "cohesin/models/masked_lm_loss.h"

#include <ATen/ATen.h>

#include <cassert>

namespace cohesin {

at::Tensor masked_lm_loss(const std::vector<MaskedLmTarget>& omics, OmicsMean mean) {
  assert(!omics.empty());
  at::Tensor total, count;
  for (const auto& omic : omics) {
    const at::Tensor logits_NV = omic.logits_BLV.flatten(0, 1).to(at::kFloat);
    const at::Tensor labels_N = omic.labels_BL.flatten();
    at::Tensor sum = at::cross_entropy_loss(logits_NV, labels_N, {}, at::Reduction::Sum, kNoLabel);
    at::Tensor selected = (labels_N != kNoLabel).sum().to(at::kFloat);
    if (mean == OmicsMean::each) {
      sum = sum / selected.clamp_min(1.0);
      selected = at::ones_like(selected);
    }
    total = total.defined() ? total + sum : sum;
    count = count.defined() ? count + selected : selected;
  }
  return mean == OmicsMean::each ? total : total / count.clamp_min(1.0);
}

}  // namespace cohesin
