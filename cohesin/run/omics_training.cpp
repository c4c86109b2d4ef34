#include "cohesin/run/omics_training.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "cohesin/base/philox.h"
#include "cohesin/tasks/masked_lm.h"

namespace cohesin {

namespace {

constexpr size_t kValidationBatch = 64;

}  // namespace

std::vector<std::string> names_of(const OmicsDataset& dataset,
                                  const std::vector<int64_t>& samples) {
  std::vector<std::string> names;
  for (const int64_t sample : samples)
    names.push_back(dataset.cohort().obs.index[static_cast<size_t>(sample)]);
  return names;
}

std::vector<std::vector<int64_t>> chunks(const std::vector<int64_t>& samples) {
  std::vector<std::vector<int64_t>> parts;
  for (size_t begin = 0; begin < samples.size(); begin += kValidationBatch) {
    const size_t end = std::min(samples.size(), begin + kValidationBatch);
    parts.emplace_back(samples.begin() + static_cast<int64_t>(begin),
                       samples.begin() + static_cast<int64_t>(end));
  }
  return parts;
}

HiddenOmics draw_hidden_omics(const OmicsDataset& dataset, const std::vector<int64_t>& samples,
                              double modality_dropout, uint64_t seed, uint64_t epoch) {
  HiddenOmics hidden(samples.size(), 0);
  for (size_t i = 0; i < samples.size(); ++i) {
    const uint32_t present = dataset.present_omics(samples[i]);
    if (std::popcount(present) < 2) continue;
    const auto& name = dataset.cohort().obs.index[static_cast<size_t>(samples[i])];
    RandomStream random(seed, "modality_dropout/" + name, epoch);
    if (random.uniform() >= modality_dropout) continue;
    while (hidden[i] == 0 || hidden[i] == present) hidden[i] = random.next_word() & present;
  }
  return hidden;
}

MaskedLmTraining::MaskedLmTraining(std::shared_ptr<OmicsModel> model,
                                   std::shared_ptr<const OmicsDataset> dataset,
                                   TrainingSamples samples, const TaskConfig& task,
                                   const TrainSettings& settings)
    : model_(std::move(model)),
      dataset_(std::move(dataset)),
      samples_(std::move(samples)),
      settings_(settings) {
  masking_.selected_fraction = task.masked_fraction;
}

std::vector<std::string> MaskedLmTraining::sample_names() const {
  return names_of(*dataset_, samples_.train);
}

LossParts MaskedLmTraining::loss(const std::vector<int64_t>& samples, const StepAddress& at) {
  NamedTensors labels;
  const std::vector<int64_t> chosen = choose(samples_.train, samples);
  const HiddenOmics hidden = draw_hidden_omics(*dataset_, chosen, settings_.modality_dropout,
                                               at.seed, static_cast<uint64_t>(at.epoch));
  const Batch batch = make_masked_batch(*model_, *dataset_, chosen, hidden, masking_, at.seed,
                                        static_cast<uint64_t>(at.epoch) + 1, labels);
  return {masked_lm_training_loss(*model_, batch, labels), static_cast<double>(samples.size())};
}

Validation MaskedLmTraining::validate() {
  MaskedLmScorer scorer;
  for (const auto& part : chunks(samples_.validation)) {
    NamedTensors labels;
    const Batch batch = make_masked_batch(*model_, *dataset_, part, {}, masking_,
                                          static_cast<uint64_t>(settings_.seed), 0, labels);
    scorer.add(*model_, batch, labels);
  }
  Validation validation;
  for (const auto& [omic, scores] : scorer.result()) {
    validation.score += scores.loss_nats;
    validation.metrics["loss_" + omic] = scores.loss_nats;
    validation.metrics["accuracy_" + omic] = scores.accuracy;
  }
  return validation;
}

}  // namespace cohesin
