#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cohesin/models/layout.h"
#include "cohesin/models/model.h"

namespace cohesin {

// {i} stands for a number, {omic} for a name without '.' and '/'.
struct WeightRow {
  std::string ours, theirs;
  Layout layout = {};
};
using WeightMap = std::vector<WeightRow>;

// Adds OURS.weight and OURS.bias, stored as we do, for each pair of a layer's names (ours, theirs).
void add_weights_and_biases(WeightMap& map,
                            const std::vector<std::pair<std::string, std::string>>& layers);

// One parameter under both names.
struct WeightBinding {
  std::string ours, theirs;
  Layout layout;
};
using WeightBindings = std::vector<WeightBinding>;

// The foreign name of every parameter of ours. Throws Error naming those that no row covers, or
// gives them in `uncovered`.
WeightBindings bind_weights(const WeightMap& map, const std::vector<std::string>& ours,
                            std::vector<std::string>* uncovered = nullptr);

// A user's map: lines "REGEX<TAB>OURS<TAB>LAYOUT" over foreign names; OURS may use $1, $2; the
// layout may be absent; '#' comments. The first row that matches a whole name counts.
// Names that no row matches are left out. `where` names the text in errors.
WeightBindings bind_by_name_map(const std::string& text, const std::string& where,
                                const std::vector<std::string>& theirs);

// Foreign tensors under our names and in our layout, fp32 (integers stay as they are). One Error
// lists *all* that is missing, unexpected or misshapen.
NamedTensors import_weights(const WeightBindings& bindings, const NamedTensors& theirs,
                            const TensorShapes& our_shapes, const std::string& where);
// The way back, bit for bit. Also right for gradients.
NamedTensors export_weights(const WeightBindings& bindings, const NamedTensors& ours);

// A Markdown table for the documentation.
std::string describe_weights(const WeightMap& map);

// Parameters and buffers of a module by name; the tensors share memory with it.
NamedTensors module_weights(const torch::nn::Module& module);
TensorShapes shapes_of(const NamedTensors& tensors);
// Copies `weights` into `own`, tensor by tensor. One Error lists all that is missing, unexpected or
// misshapen; then nothing was copied.
void load_tensors(const NamedTensors& own, const NamedTensors& weights, const std::string& where);
void load_module_weights(torch::nn::Module& module, const NamedTensors& weights,
                         const std::string& where);

}  // namespace cohesin
