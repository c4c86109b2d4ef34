#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/stats/baseline.h"
#include "cohesin/stats/feature_preparation.h"
#include "cohesin/stats/logistic.h"

namespace cohesin {

// Ridge multinomial logistic regression, or ridge Cox regression, on standardised features of all
// modalities or of one.
class LinearBaseline : public Baseline {
 public:
  struct Settings {
    std::string name;           // in the registry
    std::string modality;       // the only one used; empty = all
    size_t num_components = 0;  // of the principal components; 0 = all
    bool survival = false;      // Cox regression
    std::vector<double> inverse_penalties = {0.001, 0.01, 0.1};  // C, ascending
  };
  explicit LinearBaseline(Settings settings);
  LinearBaseline(Settings settings, const BaselineState& state);

  void fit(const std::vector<BlockData>& blocks, const BaselineTargets& targets,
           const BaselineOptions& options) override;
  Matrix predict(const std::vector<BlockData>& blocks) const override;
  BaselineState state() const override;

 private:
  Settings settings_;
  std::vector<std::string> modalities_;  // those used, in the order of the fit
  FeaturePreparation preparation_;
  LogisticModel model_;         // survival: one row
  std::vector<double> shares_;  // [K] of the training samples; survival: {0}
  double inverse_penalty_ = 0;  // the chosen C
};

}  // namespace cohesin
