#include <ATen/Functions.h>
#include <torch/nn/module.h>

#include <algorithm>

#include "cohesin/base/error.h"
#include "cohesin/run/explain_unit.h"
#include "cohesin/tasks/model_inputs.h"

namespace cohesin {

namespace {

constexpr int64_t kMostPositions = 4096;  // of which a map of one head takes 64 MB
constexpr int64_t kMostLayers = 256;

// Every layer's map: a model gives those that it has.
Wanted attention_of_every_layer() {
  std::set<std::string> names;
  for (int64_t k = 1; k <= kMostLayers; ++k)
    names.insert("attention_map_layer_" + std::to_string(k));
  return Wanted(names);
}

}  // namespace

int64_t add_attention_maps(const ExplainUnit& unit, const OmicsCheckpoint& member,
                           const std::shared_ptr<const MultiOmics>& cohort, NamedTensors& maps) {
  if (member.model == nullptr)
    throw Error("{}: the checkpoint has no deep path, hence no attention", member.folder.string());
  const torch::NoGradGuard no_grad;
  OmicsModel& model = *member.model;
  const OmicsDataset dataset = member.dataset(cohort);
  const std::vector<std::string> classes = explained_outcomes(member.recipe.task);
  const auto batch_of = [&](int64_t sample) {
    return rename_inputs(model, dataset.batch({sample}));
  };
  const int64_t positions = model.forward(batch_of(unit.samples.front()), {model.embedding_name()})
                                .at(model.embedding_name())
                                .size(1);
  if (positions > kMostPositions)
    throw Error(
        "attention maps of {0} positions have {0} x {0} numbers a head and layer; at most "
        "{1} positions are written",
        positions, kMostPositions);
  std::vector<double> counts(classes.size(), 0.0);
  for (const int64_t c : unit.class_of) counts[static_cast<size_t>(c)] += 1;
  const Wanted wanted = attention_of_every_layer();
  for (size_t i = 0; i < unit.samples.size(); ++i) {
    const auto c = static_cast<size_t>(unit.class_of[i]);
    for (const auto& [name, map_1HPP] : model.forward(batch_of(unit.samples[i]), wanted).tensors) {
      at::Tensor& sum_HPP =
          maps[(unit.name.empty() ? "" : unit.name + "/") + classes[c] + "/" + name];
      const at::Tensor share_HPP = map_1HPP[0] / counts[c];
      sum_HPP = sum_HPP.defined() ? sum_HPP + share_HPP : share_HPP;
    }
  }
  return model.sequence_length() / positions;
}

}  // namespace cohesin
