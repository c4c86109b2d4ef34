#include "cohesin/run/fold_embeddings.h"

#include <torch/nn/module.h>

#include <fmt/format.h>
#include <cmath>
#include <map>

#include "cohesin/run/cohort_ensemble.h"
#include "cohesin/run/sequence_predict.h"

namespace cohesin {

namespace {

at::Tensor embeddings_of_all(const std::filesystem::path& fold_folder,
                             const std::shared_ptr<const MultiOmics>& cohort,
                             const std::vector<int64_t>& samples) {
  const auto folder = member_folders(fold_folder).front();
  const Embeddings embeddings =
      recipe_of(folder).reads_sequences()
          ? embed_sequence_samples(folder, cohort, samples)
          : embed_omics(load_omics_checkpoint(folder), cohort, samples, {});
  const at::Tensor x_ND =
      at::tensor(embeddings.values, at::kFloat)
          .reshape({static_cast<int64_t>(embeddings.samples.size()), embeddings.dim})
          .to(at::kDouble);
  const at::Tensor centred = x_ND - x_ND.mean(0);
  return centred / centred.norm().clamp_min(1e-12);
}

}  // namespace

std::string fold_embeddings_text(const std::filesystem::path& folder,
                                 const std::shared_ptr<const MultiOmics>& cohort,
                                 const CohortSplit& folds) {
  const std::vector<int64_t> samples = samples_outside(folds, "");
  std::map<int64_t, int64_t> row_of;
  for (const int64_t sample : samples) row_of.emplace(sample, static_cast<int64_t>(row_of.size()));
  at::Tensor first, all;
  for (const auto& [fold, held_out] : folds.parts) {
    const at::Tensor x_ND = embeddings_of_all(folder / ("fold_" + fold), cohort, samples);
    if (!first.defined()) {
      first = x_ND;
      all = at::zeros_like(x_ND);
    }
    const auto [u, s, v] = at::linalg_svd(x_ND.t().matmul(first), /*full_matrices=*/false);
    const at::Tensor turned = x_ND.matmul(u.matmul(v));
    for (const int64_t sample : held_out) all[row_of.at(sample)].copy_(turned[row_of.at(sample)]);
  }
  std::string text = "sample";
  for (int64_t d = 0; d < all.size(1); ++d) text += fmt::format("\te{}", d);
  text += "\n";
  const double scale = std::sqrt(static_cast<double>(samples.size()));
  for (const int64_t sample : samples) {
    text += cohort->obs.index[static_cast<size_t>(sample)];
    const double* row = all.const_data_ptr<double>() + row_of.at(sample) * all.size(1);
    for (int64_t d = 0; d < all.size(1); ++d) text += fmt::format("\t{:.6g}", row[d] * scale);
    text += "\n";
  }
  return text;
}

}  // namespace cohesin
