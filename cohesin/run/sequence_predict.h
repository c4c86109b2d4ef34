#pragma once

#include <filesystem>
#include <memory>

#include "cohesin/run/cohort_ensemble.h"

namespace cohesin {

// load_cohort_ensemble() for models over the tokens of a sequence.
std::unique_ptr<CohortEnsemble> load_sequence_ensemble(const std::filesystem::path& path,
                                                       const std::filesystem::path& base = {});

// What the head of a checkpoint reads of each sample.
Embeddings embed_sequence_samples(const std::filesystem::path& path,
                                  const std::shared_ptr<const MultiOmics>& cohort,
                                  const std::vector<int64_t>& samples);

}  // namespace cohesin
