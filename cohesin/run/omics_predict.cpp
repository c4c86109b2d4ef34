#include "cohesin/run/omics_predict.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"
#include "cohesin/tasks/model_inputs.h"

namespace cohesin {

namespace {

constexpr size_t kBatchSize = 64;

std::vector<int64_t> part_of(const std::vector<int64_t>& samples, size_t begin) {
  const size_t end = std::min(samples.size(), begin + kBatchSize);
  return {samples.begin() + static_cast<int64_t>(begin),
          samples.begin() + static_cast<int64_t>(end)};
}

// Drops what is usual to this member; the first one begins with all that is unusual to it.
void note_unusual(const OmicsCheckpoint& member, const OmicsDataset& dataset,
                  const std::string& hidden, SamplePredictions& result) {
  if (member.calibration.largest_deviation.empty()) return;
  const bool first = result.unusual.empty();
  std::vector<std::string> now;
  for (size_t i = 0; i < result.samples.size(); ++i) {
    std::string names;
    for (const auto& [omic, largest] : member.calibration.largest_deviation) {
      if (omic == hidden || !(dataset.deviation(omic, result.samples[i]) > largest)) continue;
      const bool before =
          first || ("," + result.unusual[i] + ",").find("," + omic + ",") != std::string::npos;
      if (before) names += (names.empty() ? "" : ",") + omic;
    }
    now.push_back(names);
  }
  result.unusual = std::move(now);
}

}  // namespace

SamplePredictions answerable_samples(const OmicsDataset& dataset,
                                     const std::vector<int64_t>& samples, const std::string& hidden,
                                     Part part) {
  const uint32_t hidden_bit = hidden.empty() ? 0 : dataset.bit_of(hidden);
  if (hidden.empty() && part != Part::further)
    report_alignment(dataset);  // once, not for each hidden modality
  SamplePredictions kept;
  std::string first;
  for (const int64_t sample : samples) {
    const uint32_t used = dataset.present_inputs(sample) & ~hidden_bit;
    if (used == 0) {
      if (first.empty()) first = dataset.cohort().obs.index[static_cast<size_t>(sample)];
      continue;
    }
    kept.samples.push_back(sample);
    std::string text;
    for (const auto& omic : dataset.encoder().inputs())
      if ((used & dataset.bit_of(omic)) != 0) text += (text.empty() ? "" : ",") + omic;
    kept.modalities.push_back(text);
  }
  if (kept.samples.empty() && part == Part::whole)
    throw Error("no sample has a modality that the model may use");
  if (kept.samples.size() < samples.size())
    log_warning(
        "{} of {} samples have no modality that the model may use and are left out "
        "(first: {})",
        samples.size() - kept.samples.size(), samples.size(), first);
  return kept;
}

void require_same_task(const TaskConfig& first, const std::filesystem::path& first_folder,
                       const TaskConfig& task, const std::filesystem::path& folder) {
  if (task.name != first.name || task.kinds != first.kinds || task.classes != first.classes ||
      task.values != first.values || task.horizons_days != first.horizons_days)
    throw Error("{}: its task or classes differ from those of {}; they cannot answer together",
                folder.string(), first_folder.string());
}

OmicsEnsemble load_ensemble(const std::filesystem::path& path, const std::filesystem::path& base) {
  OmicsEnsemble members;
  for (const auto& folder : member_folders(path)) {
    members.push_back(load_omics_checkpoint(folder, base));
    const TaskConfig& task = members.back().recipe.task;
    const TaskConfig& first = members.front().recipe.task;
    require_same_task(first, members.front().folder, task, folder);
  }
  return members;
}

SamplePredictions predict_samples(const OmicsEnsemble& members,
                                  const std::shared_ptr<const MultiOmics>& cohort,
                                  const std::vector<int64_t>& samples, const std::string& hidden,
                                  std::optional<MissingGenes> missing_genes, Part part) {
  const torch::NoGradGuard no_grad;
  SamplePredictions result;
  for (const auto& member : members) {
    if (member.predictor == nullptr)
      throw Error("{}: the checkpoint's task is {}; it predicts no outcome", member.folder.string(),
                  member.recipe.task.name);
    const OmicsDataset dataset = member.dataset(cohort, missing_genes);
    const uint32_t hidden_bit = hidden.empty() ? 0 : dataset.bit_of(hidden);
    const TaskConfig& task = member.recipe.task;
    if (&member == &members.front()) {
      result = answerable_samples(dataset, samples, hidden, part);
      result.answers = HeadAnswers::zeros(task, result.samples.size());
    }
    const std::vector<int64_t>& kept = result.samples;
    if (kept.empty()) return result;
    note_unusual(member, dataset, hidden, result);
    for (size_t begin = 0; begin < kept.size(); begin += kBatchSize) {
      const auto batch = part_of(kept, begin);
      const HeadAnswers answers = read_outputs(
          member.predictor->forward(dataset.batch(batch, HiddenOmics(batch.size(), hidden_bit))),
          task, member.calibration);
      result.answers.add(answers, begin, batch.size(), 1 / static_cast<double>(members.size()));
    }
    result.answers.add_risk_cuts(member.calibration.risk_cuts, members.size());
    result.answers.num_calibration += static_cast<double>(member.calibration.nonconformity.size());
  }
  return result;
}

Embeddings embed_omics(const OmicsCheckpoint& checkpoint,
                       const std::shared_ptr<const MultiOmics>& cohort,
                       const std::vector<int64_t>& samples, const EmbedRequest& request,
                       std::optional<MissingGenes> missing_genes) {
  if (checkpoint.model == nullptr)
    throw Error("{}: the checkpoint has no deep path, hence no embedding",
                checkpoint.folder.string());
  const torch::NoGradGuard no_grad;
  const OmicsDataset dataset = checkpoint.dataset(cohort, missing_genes);
  const uint32_t hidden = request.hidden.empty() ? 0 : dataset.bit_of(request.hidden);
  const std::string name = request.layer < 0 ? checkpoint.model->embedding_name()
                                             : "embeddings_" + std::to_string(request.layer);
  Embeddings result;
  result.samples = answerable_samples(dataset, samples, request.hidden).samples;
  for (size_t begin = 0; begin < result.samples.size(); begin += kBatchSize) {
    const auto part = part_of(result.samples, begin);
    const Batch batch =
        rename_inputs(*checkpoint.model, dataset.batch(part, HiddenOmics(part.size(), hidden)));
    const at::Tensor x_BPD = checkpoint.model->forward(batch, {name}).at(name);
    const at::Tensor out = (request.per_feature ? x_BPD : mean_over_positions(x_BPD)).contiguous();
    result.dim = x_BPD.size(2);
    result.num_positions = request.per_feature ? x_BPD.size(1) : 1;
    result.values.insert(result.values.end(), out.data_ptr<float>(),
                         out.data_ptr<float>() + out.numel());
  }
  return result;
}

}  // namespace cohesin
