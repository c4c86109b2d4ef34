#include "cohesin/tasks/classification.h"

#include <ATen/ATen.h>

#include <optional>

#include "cohesin/base/error.h"

namespace cohesin {

at::Tensor classification_loss(const at::Tensor& logits_BT, const at::Tensor& labels_B,
                               const at::Tensor& class_weights_T, double label_smoothing) {
  std::optional<at::Tensor> weight_T;
  if (class_weights_T.defined()) weight_T = class_weights_T;
  constexpr int64_t kIgnoredLabel = -100;
  return at::cross_entropy_loss(logits_BT, labels_B, weight_T, at::Reduction::Mean, kIgnoredLabel,
                                label_smoothing);
}

std::vector<double> balanced_class_weights(const std::vector<int64_t>& labels,
                                           const std::vector<std::string>& classes) {
  std::vector<double> weights(classes.size(), 0.0);
  for (const int64_t label : labels) weights.at(static_cast<size_t>(label)) += 1;
  for (size_t c = 0; c < classes.size(); ++c) {
    if (weights[c] == 0)
      throw Error("class '{}' has no training sample, so it has no weight", classes[c]);
    weights[c] =
        static_cast<double>(labels.size()) / (static_cast<double>(classes.size()) * weights[c]);
  }
  return weights;
}

}  // namespace cohesin
