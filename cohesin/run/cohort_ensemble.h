#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/run/omics_predict.h"

namespace cohesin {

// Checkpoints of one kind of model that answer together: probabilities, risks and values are means
// over them.
class CohortEnsemble {
 public:
  virtual ~CohortEnsemble() = default;
  virtual const TaskConfig& task() const = 0;
  // The answers for `samples` with the modality `hidden` (empty = none) kept from the model; see
  // predict_samples. A model of sequences has none to hide, which is an Error.
  virtual SamplePredictions predict(const std::shared_ptr<const MultiOmics>& cohort,
                                    const std::vector<int64_t>& samples, const std::string& hidden,
                                    std::optional<MissingGenes> missing_genes = std::nullopt,
                                    Part part = Part::whole) const = 0;
};

// All members behind `path` (see member_folders); `base` is an adapter's. Throws Error if they
// differ in task or classes.
std::unique_ptr<CohortEnsemble> load_cohort_ensemble(const std::filesystem::path& path,
                                                     const std::filesystem::path& base = {});

// The recipe in the config.json of a run folder or checkpoint, which is not verified.
Recipe recipe_of(const std::filesystem::path& path);

// Whether it is a cohort (.h5mu), and not sequences.
bool is_cohort_file(const std::filesystem::path& path);
// A cohort, or sequences (FASTA, or a table with a column `sequence`) as read_sequence_cohort gives
// them, with the modality `composition` for baselines, see add_composition.
MultiOmics read_samples(const std::filesystem::path& path);

}  // namespace cohesin
