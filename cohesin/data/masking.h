#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/data/omics_dataset.h"
#include "cohesin/tensor/batch.h"

namespace cohesin {

// The corruption of masked language modelling (Devlin et al. 2019): of the selected positions 80 %
// are hidden, 10 % get a random bin (or another value), 10 % stay.
struct MaskingSettings {
  double selected_fraction = 0.15;
  double hidden_fraction = 0.8;
  double random_fraction = 0.1;
};

// Corrupts a batch of OmicsDataset in place and returns the labels: one tensor an omic,
// "rnaseq.labels" [B,L] int64, the original bin where selected and -100 elsewhere. Selected are
// measured positions only (never pads, hidden or unmeasured ones, hence never an absent omic),
// independently in each omic. The choice depends on (seed, epoch, sample name, omic) alone.
NamedTensors mask_batch(Batch& batch, const OmicsDataset& dataset,
                        const std::vector<int64_t>& samples, const MaskingSettings& settings,
                        uint64_t seed, uint64_t epoch);

}  // namespace cohesin
