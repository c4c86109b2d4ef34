#include "cohesin/run/cohort_ensemble.h"

#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/io/hdf5.h"
#include "cohesin/io/sequence_cohort.h"
#include "cohesin/io/tracks_file.h"
#include "cohesin/omics/composition.h"
#include "cohesin/run/sequence_predict.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {
namespace {

class OmicsAnswers : public CohortEnsemble {
 public:
  explicit OmicsAnswers(OmicsEnsemble members) : members_(std::move(members)) {}
  const TaskConfig& task() const override { return members_.front().recipe.task; }
  SamplePredictions predict(const std::shared_ptr<const MultiOmics>& cohort,
                            const std::vector<int64_t>& samples, const std::string& hidden,
                            std::optional<MissingGenes> missing_genes, Part part) const override {
    return predict_samples(members_, cohort, samples, hidden, missing_genes, part);
  }

 private:
  OmicsEnsemble members_;
};

}  // namespace

Recipe recipe_of(const std::filesystem::path& path) {
  const auto config = resolve_checkpoint(path) / "config.json";
  return parse_recipe(read_text(config), config.string());
}

std::unique_ptr<CohortEnsemble> load_cohort_ensemble(const std::filesystem::path& path,
                                                     const std::filesystem::path& base) {
  if (recipe_of(member_folders(path).front()).reads_sequences())
    return load_sequence_ensemble(path, base);
  return std::make_unique<OmicsAnswers>(load_ensemble(path, base));
}

bool is_cohort_file(const std::filesystem::path& path) {
  return is_hdf5(path) || path.extension() == ".h5mu";
}

MultiOmics read_samples(const std::filesystem::path& path) {
  if (is_tracks_file(path))
    throw Error(
        "{}: holds tracks along a genome, for `train`, `evaluate` and `predict --genome`; here a "
        "cohort or sequences are needed",
        path.string());
  if (is_cohort_file(path)) return read_h5mu(path);
  MultiOmics cohort = read_sequence_cohort(path);
  add_composition(cohort);
  return cohort;
}

}  // namespace cohesin
