#pragma once

#include <map>
#include <string>
#include <vector>

#include "cohesin/base/fields.h"

namespace cohesin {

// What a trained head's outputs mean, estimated after its last step: calibration.json of a
// checkpoint. All from training and validation samples.
struct Calibration {
  // Of the class logits, on the validation samples; 1 without any.
  double temperature = 1;
  // How strange each validation sample's own class was, rising; empty without any.
  std::vector<double> nonconformity;
  // Cox: Breslow's baseline of the training samples.
  std::vector<double> hazard_time_days, cumulative_hazard;
  // Survival: the risks that cut the training samples into thirds.
  std::vector<double> risk_cuts;
  // Of each omic, the largest OmicsDataset::deviation of a training sample.
  std::map<std::string, double> largest_deviation;

  void visit(Fields& field) {
    field("temperature", temperature, "divides the class logits");
    field("nonconformity", nonconformity, "of the validation samples, rising");
    field("hazard_time_days", hazard_time_days, "times of the training samples' events");
    field("cumulative_hazard", cumulative_hazard, "of a sample of risk 0, at those times");
    field("largest_deviation", largest_deviation, "of a training sample, by modality");
    field("risk_cuts", risk_cuts, "between the thirds of the training samples by risk");
  }
};

// The risks between the thirds of these samples; throws Error without any.
std::vector<double> thirds(std::vector<double> risks);

}  // namespace cohesin
