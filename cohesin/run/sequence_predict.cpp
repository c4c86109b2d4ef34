#include "cohesin/run/sequence_predict.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <iterator>

#include "cohesin/base/error.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/io/sequence_cohort.h"
#include "cohesin/run/letter_samples.h"
#include "cohesin/run/sequence_checkpoint.h"
#include "cohesin/run/sequence_training.h"

namespace cohesin {
namespace {

// Rows of each sample, or of each of its letters, in the order of `samples`: what the head reads,
// or says.
at::Tensor rows_of(SequencePredictor& predictor, const SequenceDataset& dataset,
                   const std::vector<int64_t>& samples, bool per_letter, bool with_head) {
  std::vector<at::Tensor> rows_by_sample(samples.size());
  for (const auto& places : dataset.batches(samples, kTokensABatch)) {
    stop_here_if_requested();
    std::vector<int64_t> part, rows;
    for (const size_t place : places) {
      part.push_back(samples[place]);
      rows.push_back(per_letter ? std::ssize(dataset.letters_in({samples[place]})) : 1);
    }
    const Batch batch = dataset.batch(part);
    const at::Tensor all = with_head ? predictor.forward(batch) : predictor.embed(batch);
    const auto split = all.split_with_sizes(rows);
    for (size_t i = 0; i < places.size(); ++i) rows_by_sample[places[i]] = split[i];
  }
  return at::cat(rows_by_sample);
}

class SequenceAnswers : public CohortEnsemble {
 public:
  SequenceAnswers(const std::filesystem::path& path, const std::filesystem::path& base) {
    for (const auto& folder : member_folders(path)) {
      members_.push_back(load_sequence_checkpoint(folder, base));
      if (members_.back().predictor == nullptr)
        throw Error("{}: the checkpoint's task is {}; it predicts no outcome", folder.string(),
                    members_.back().recipe.task.name);
      require_same_task(members_.front().recipe.task, members_.front().folder,
                        members_.back().recipe.task, folder);
    }
  }
  const TaskConfig& task() const override { return members_.front().recipe.task; }
  SamplePredictions predict(const std::shared_ptr<const MultiOmics>& cohort,
                            const std::vector<int64_t>& samples, const std::string& hidden,
                            std::optional<MissingGenes> missing_genes, Part part) const override;

 private:
  std::vector<SequenceCheckpoint> members_;
};

SamplePredictions SequenceAnswers::predict(const std::shared_ptr<const MultiOmics>& cohort,
                                           const std::vector<int64_t>& samples,
                                           const std::string& hidden,
                                           std::optional<MissingGenes> /*missing_genes*/,
                                           Part /*part*/) const {
  if (!hidden.empty())
    throw Error("--without {}: the model reads one sequence a sample, which cannot be hidden",
                hidden);
  const torch::NoGradGuard no_grad;
  SamplePredictions result;
  for (const auto& member : members_) {
    const TaskConfig& task = member.recipe.task;
    const SequenceDataset dataset(cohort, member.tokenizer,
                                  sequence_limit(task, member.predictor->model()));
    const at::Tensor outputs =
        rows_of(*member.predictor, dataset, samples, task.per_letter, /*with_head=*/true);
    if (&member == &members_.front()) {
      result.samples = task.per_letter ? dataset.letters_in(samples) : samples;
      result.modalities.assign(result.samples.size(), kSequenceModality);
      result.answers = HeadAnswers::zeros(task, result.samples.size());
      if (task.per_letter)
        result.rows = std::make_shared<const MultiOmics>(
            letters_as_samples(*cohort, task.target, /*column_may_lack=*/true));
    }
    result.answers.add(read_outputs(outputs, task, member.calibration), 0, result.samples.size(),
                       1 / static_cast<double>(members_.size()));
    result.answers.add_risk_cuts(member.calibration.risk_cuts, members_.size());
    result.answers.num_calibration += static_cast<double>(member.calibration.nonconformity.size());
  }
  return result;
}

}  // namespace

std::unique_ptr<CohortEnsemble> load_sequence_ensemble(const std::filesystem::path& path,
                                                       const std::filesystem::path& base) {
  return std::make_unique<SequenceAnswers>(path, base);
}

Embeddings embed_sequence_samples(const std::filesystem::path& path,
                                  const std::shared_ptr<const MultiOmics>& cohort,
                                  const std::vector<int64_t>& samples) {
  const SequenceCheckpoint checkpoint = load_sequence_checkpoint(path);
  if (checkpoint.predictor == nullptr || checkpoint.recipe.task.per_letter)
    throw Error("{}: has no head that reads whole samples", path.string());
  const torch::NoGradGuard no_grad;
  const SequenceDataset dataset(
      cohort, checkpoint.tokenizer,
      sequence_limit(checkpoint.recipe.task, checkpoint.predictor->model()));
  const at::Tensor x_ND = rows_of(*checkpoint.predictor, dataset, samples, /*per_letter=*/false,
                                  /*with_head=*/false)
                              .contiguous();
  const float* first = x_ND.const_data_ptr<float>();
  return {samples, {first, first + x_ND.numel()}, 1, x_ND.size(1)};
}

}  // namespace cohesin
