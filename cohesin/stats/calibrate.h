#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohesin {

// The temperature T by which dividing the logits [n, K] makes the probabilities of held-out samples
// most likely (Guo et al. 2017), labels slightly smoothed; within 1/20..20. Throws Error for
// lengths that do not fit.
double fit_temperature(std::span<const double> logits, std::span<const int64_t> labels,
                       int64_t num_classes);

// How strange a label is to a classifier: 1 - its probability (Sadinle et al. 2019).
double nonconformity(std::span<const double> probability, int64_t label);

// The share of the calibration samples, `nonconformity` rising, that are at least as strange as
// `value`, the sample itself counted among them: the conformal p-value (Vovk et al. 2005). A set of
// all labels with a p-value above 1 - coverage holds the truth with that coverage; it may be empty,
// where no label is usual.
double conformal_p_value(std::span<const double> rising_nonconformity, double value);

}  // namespace cohesin
