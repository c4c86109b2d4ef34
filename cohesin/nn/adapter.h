#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/base/fields.h"
#include "cohesin/tensor/batch.h"

namespace cohesin {

// A few numbers beside frozen weights, learned instead of them. They are put on the Linear layers
// of every AdaptedLayer, thus on every model that is made of such; the models do not know.
//
// ia3 (Liu et al. 2022, doi:10.48550/arXiv.2205.05638): factors, one at first, on what a layer
// gives ([H,K] for key, value and query, before a rotary embedding), or, for ffn_down, on what it
// takes. lora (Hu et al. 2021, doi:10.48550/arXiv.2106.09685): y += alpha / rank * B A x, B zero at
// first.
struct AdapterConfig {
  std::string name = "none";
  std::vector<std::string> targets;  // empty: the published ones, see resolve()
  std::string layers = "all";
  int64_t rank = 8;
  double alpha = 16;
  double dropout = 0;

  void visit(Fields& field);
  // Fills in the targets; throws Error naming `where` and the key that is out of range.
  void resolve(const std::string& where);
  bool is_none() const { return name == "none"; }
};

// Puts a resolved adapter on every transformer in `module` and freezes all parameters that were
// there. New ones are PATH.key.output_scale, PATH.ffn_down.input_scale, PATH.query.lora_a and
// .lora_b, ... LoRA's A draws from (seed, name). Throws Error when no transformer is there or one
// has too few layers.
void attach_adapter(torch::nn::Module& module, const AdapterConfig& config, uint64_t seed);

bool is_adapter_parameter(const std::string& name);
bool is_adapter_scale(const std::string& name);  // a factor that starts at one

// Folds the adapter's tensors into the weights beside them, which then give the same outputs.
void merge_adapter(NamedTensors& weights, const AdapterConfig& config);

}  // namespace cohesin
