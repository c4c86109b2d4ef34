#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace cohesin {

// How near a sample's embedding from one modality [B,D] is to its embedding from all [B,D]: a loss
// that is low where they agree. By name:
//   infonce  the contrastive bound on their mutual information (van den Oord et al. 2018): the mean
//            over samples of -log softmax over the batch of their cosines / temperature
//   cosine   1 - cosine, the mean over samples
const std::vector<std::string>& consistency_names();
at::Tensor consistency_loss(const std::string& name, const at::Tensor& all_BD,
                            const at::Tensor& one_BD, double temperature);

}  // namespace cohesin
