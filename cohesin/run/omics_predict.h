#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/run/embed_request.h"
#include "cohesin/run/head_outputs.h"
#include "cohesin/run/omics_checkpoint.h"

namespace cohesin {

// Checkpoints that answer together: probabilities, or risks, are means over them.
using OmicsEnsemble = std::vector<OmicsCheckpoint>;

// All members behind `path` (see member_folders); throws Error if they differ in task or classes.
// `base`: see load_omics_checkpoint.
OmicsEnsemble load_ensemble(const std::filesystem::path& path,
                            const std::filesystem::path& base = {});

// Throws Error naming the second folder where the members' tasks differ.
void require_same_task(const TaskConfig& first, const std::filesystem::path& first_folder,
                       const TaskConfig& task, const std::filesystem::path& folder);

struct SamplePredictions {
  std::vector<int64_t> samples;         // indices into the cohort
  std::vector<std::string> modalities;  // those used, comma-separated, in the checkpoint's order
  HeadAnswers answers;                  // a row a sample
  // Where it is not the cohort that `samples` are of: single letters of its sequences.
  std::shared_ptr<const MultiOmics> rows = nullptr;
  // Of each sample the modalities whose values lie further off than in any member's training.
  std::vector<std::string> unusual = {};
};

// Whether the samples are all that is asked about, or a part: then a part without any sample that
// can be answered is no failure, and what concerns the model and the cohort is told once.
enum class Part { whole, first, further };

// The samples that have a modality left when `hidden` (empty = none) is kept from the model, with
// the modalities used; `answers` stay empty. Warns of genes that the cohort lacks. Others are left
// out with a warning; throws Error when none is left.
SamplePredictions answerable_samples(const OmicsDataset& dataset,
                                     const std::vector<int64_t>& samples, const std::string& hidden,
                                     Part part = Part::whole);

// The answers for `samples` with the modality `hidden` (empty = none) kept from the
// model. Samples as in answerable_samples.
SamplePredictions predict_samples(const OmicsEnsemble& members,
                                  const std::shared_ptr<const MultiOmics>& cohort,
                                  const std::vector<int64_t>& samples, const std::string& hidden,
                                  std::optional<MissingGenes> missing_genes = std::nullopt,
                                  Part part = Part::whole);

struct Embeddings {
  std::vector<int64_t> samples;
  std::vector<float> values;  // [samples, dim], or [samples, positions, dim]
  int64_t num_positions = 1;  // above 1 only where asked per feature
  int64_t dim = 0;
};

// Embeddings of one checkpoint's model; throws Error for a layer it does not have, or a checkpoint
// without a deep path.
Embeddings embed_omics(const OmicsCheckpoint& checkpoint,
                       const std::shared_ptr<const MultiOmics>& cohort,
                       const std::vector<int64_t>& samples, const EmbedRequest& request,
                       std::optional<MissingGenes> missing_genes = std::nullopt);

}  // namespace cohesin
