#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cohesin {

// Cross-entropy, the mean over samples weighted by their class (class_weights_T undefined = 1).
at::Tensor classification_loss(const at::Tensor& logits_BT, const at::Tensor& labels_B,
                               const at::Tensor& class_weights_T, double label_smoothing);

// n / (classes * size) a class; throws Error for a class without a sample.
std::vector<double> balanced_class_weights(const std::vector<int64_t>& labels,
                                           const std::vector<std::string>& classes);

}  // namespace cohesin
