#include "cohesin/tasks/model_inputs.h"

#include <string>

namespace cohesin {

Batch rename_inputs(const OmicsModel& model, const Batch& batch) {
  Batch renamed = batch;
  for (const auto& omic : model.omics()) {
    for (const std::string kind : {"tokens", "values", "hidden", "embedded"}) {
      const auto found = renamed.tensors.find(omic + "." + kind);
      if (found == renamed.tensors.end()) continue;
      const at::Tensor tensor = found->second;
      renamed.tensors.erase(found);
      renamed.tensors[model.input_key(omic, kind)] = tensor;
    }
  }
  return renamed;
}

}  // namespace cohesin
