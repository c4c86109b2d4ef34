#include "cohesin/stats/majority_baseline.h"

#include "cohesin/base/error.h"
#include "cohesin/stats/baseline_state.h"

namespace cohesin {

MajorityBaseline::MajorityBaseline(const BaselineState& state)
    : shares_(stored_vector(state, "shares")) {}

void MajorityBaseline::fit(const std::vector<BlockData>& /*blocks*/, const BaselineTargets& targets,
                           const BaselineOptions& options) {
  shares_ = class_shares(targets.labels, options.num_classes);
}

Matrix MajorityBaseline::predict(const std::vector<BlockData>& blocks) const {
  if (blocks.empty()) throw Error("a prediction needs at least one modality, got none");
  Matrix probabilities(blocks.front().values.num_rows, shares_.size());
  for (size_t i = 0; i < probabilities.num_rows; ++i)
    for (size_t k = 0; k < shares_.size(); ++k) probabilities.row(i)[k] = shares_[k];
  return probabilities;
}

BaselineState MajorityBaseline::state() const {
  BaselineState state{"majority", {}, {}};
  store(state, "shares", shares_);
  return state;
}

}  // namespace cohesin
