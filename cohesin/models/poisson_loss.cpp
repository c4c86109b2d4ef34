#include "cohesin/models/poisson_loss.h"

#include <ATen/ATen.h>

namespace cohesin {

at::Tensor poisson_loss(const at::Tensor& prediction, const at::Tensor& target,
                        const at::Tensor& weights) {
  constexpr double kSmallest = 1e-20;
  const at::Tensor losses = prediction - target * at::log(prediction.clamp_min(kSmallest));
  return weights.defined() ? (losses * weights).mean() : losses.mean();
}

}  // namespace cohesin
