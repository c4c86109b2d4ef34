#include "cohesin/nn/ia3.h"

#include <torch/nn/module.h>

#include "cohesin/nn/transformer.h"

namespace cohesin {

void attach_ia3(torch::nn::Module& module) {
  for (at::Tensor& parameter : module.parameters()) parameter.requires_grad_(false);
  for (const auto& child : module.modules(/*include_self=*/false)) {
    auto* layer = dynamic_cast<TransformerLayer*>(child.get());
    if (layer == nullptr) continue;
    const AttentionConfig& attention = layer->attention().config();
    layer->attention().key().add_output_scale({attention.num_heads, attention.key_size});
    layer->attention().value().add_output_scale({attention.num_heads, attention.key_size});
    layer->ffn_down().add_input_scale({layer->ffn_down().weight.size(1)});
  }
}

}  // namespace cohesin
