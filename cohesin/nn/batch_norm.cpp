#include "cohesin/nn/batch_norm.h"

#include <torch/nn/module.h>

#include "cohesin/base/error.h"

namespace cohesin {

BatchNorm::BatchNorm(int64_t width) {
  weight = register_parameter("weight", torch::ones({width}));
  bias = register_parameter("bias", torch::zeros({width}));
  running_mean = register_buffer("running_mean", torch::zeros({width}));
  running_var = register_buffer("running_var", torch::ones({width}));
  num_batches_tracked = register_buffer("num_batches_tracked", torch::zeros({}, at::kLong));
}

at::Tensor BatchNorm::forward(const at::Tensor& x) {
  constexpr double kMomentum = 0.1, kEps = 1e-5;
  const at::Tensor x_NC = x.reshape({-1, x.size(-1)});
  if (is_live()) {
    if (x_NC.size(0) < 2) {
      throw Error(
          "batch norm in training needs two values a channel or more, the batch has {}: give more "
          "or longer samples, or freeze the statistics",
          x_NC.size(0));
    }
    num_batches_tracked.add_(1);
  }
  return at::batch_norm(x_NC, weight, bias, running_mean, running_var, is_live(), kMomentum, kEps,
                        /*cudnn_enabled=*/false)
      .view(x.sizes());
}

void freeze_batch_norms(torch::nn::Module& module, bool frozen) {
  for (const auto& inner : module.modules(/*include_self=*/false)) {
    if (auto* norm = dynamic_cast<BatchNorm*>(inner.get())) norm->freeze(frozen);
  }
}

}  // namespace cohesin
