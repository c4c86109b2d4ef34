#pragma once

#include <torch/nn/module.h>

namespace cohesin {

// IA3 (Liu et al. 2022, doi:10.48550/arXiv.2205.05638): learned factors, one at first, on the keys
// and values of every attention ([H,K], before a rotary embedding) and on the input of every
// feed-forward block's last Linear. All other parameters of `module` are frozen. The new ones are
// PATH.attention.key.output_scale, PATH.attention.value.output_scale, PATH.ffn_down.input_scale.
void attach_ia3(torch::nn::Module& module);

}  // namespace cohesin
