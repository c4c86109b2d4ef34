#pragma once

#include <ATen/core/Tensor.h>

namespace cohesin {

// mean(prediction - target log(prediction)): the Poisson negative log likelihood without what does
// not depend on the prediction, as Enformer was trained. Predictions below 1e-20 count as that in
// the logarithm. With `weights` (of the last axis, their mean 1) each track counts by its own.
at::Tensor poisson_loss(const at::Tensor& prediction, const at::Tensor& target,
                        const at::Tensor& weights = {});

}  // namespace cohesin
