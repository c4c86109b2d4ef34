#pragma once

#include <cstdint>
#include <vector>

#include "cohesin/stats/baseline.h"

namespace cohesin {

// Always the class shares of the training samples.
class MajorityBaseline : public Baseline {
 public:
  MajorityBaseline() = default;
  explicit MajorityBaseline(const BaselineState& state);

  void fit(const std::vector<BlockData>& blocks, const BaselineTargets& targets,
           const BaselineOptions& options) override;
  Matrix predict(const std::vector<BlockData>& blocks) const override;
  BaselineState state() const override;

 private:
  std::vector<double> shares_;  // [K]
};

}  // namespace cohesin
