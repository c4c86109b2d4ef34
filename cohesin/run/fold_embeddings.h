#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/run/cohort_split.h"

namespace cohesin {

// embeddings.tsv of a cross-validation: each sample's embedding by the fold model that did not see
// it. Every fold has a space of its own; fold K's is turned onto the first fold's by the orthogonal
// Procrustes rotation between the two embeddings of all samples (Schoenemann 1966,
// doi:10.1007/BF02289451), which looks at no label.
std::string fold_embeddings_text(const std::filesystem::path& folder,
                                 const std::shared_ptr<const MultiOmics>& cohort,
                                 const CohortSplit& folds);

}  // namespace cohesin
