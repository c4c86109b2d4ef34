#pragma once

#include "cohesin/models/model.h"
#include "cohesin/tensor/batch.h"

namespace cohesin {

// A dataset's batch under the names that the model reads ("rnaseq.tokens" -> "tokens" where a
// model has one omic). Tensors that are not the model's (features, presence) keep their names.
Batch rename_inputs(const OmicsModel& model, const Batch& batch);

}  // namespace cohesin
