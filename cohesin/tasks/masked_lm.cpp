#include "cohesin/tasks/masked_lm.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "cohesin/models/masked_lm_loss.h"
#include "cohesin/tasks/model_inputs.h"

namespace cohesin {

Batch make_masked_batch(const OmicsModel& model, const OmicsDataset& dataset,
                        const std::vector<int64_t>& samples, const HiddenOmics& hidden,
                        const MaskingSettings& settings, uint64_t seed, uint64_t epoch,
                        NamedTensors& labels) {
  Batch encoded = dataset.batch(samples, hidden);
  labels = mask_batch(encoded, dataset, samples, settings, seed, epoch);
  return rename_inputs(model, encoded);
}

at::Tensor masked_lm_training_loss(OmicsModel& model, const Batch& batch,
                                   const NamedTensors& labels) {
  std::set<std::string> names;
  for (const auto& omic : model.omics()) names.insert(model.logits_name(omic));
  const Outputs out = model.forward(batch, Wanted(names));
  std::vector<MaskedLmTarget> targets;
  for (const auto& omic : model.omics())
    targets.push_back({out.at(model.logits_name(omic)), labels.at(omic + ".labels")});
  return masked_lm_loss(targets, OmicsMean::each);
}

void MaskedLmScorer::add(OmicsModel& model, const Batch& batch, const NamedTensors& labels) {
  const torch::NoGradGuard no_grad;
  std::set<std::string> names;
  for (const auto& omic : model.omics()) names.insert(model.logits_name(omic));
  const Outputs out = model.forward(batch, Wanted(names));
  for (const auto& omic : model.omics()) {
    const at::Tensor labels_BL = labels.at(omic + ".labels");
    const at::Tensor selected = labels_BL != kNoLabel;
    const at::Tensor labels_N = labels_BL.masked_select(selected);
    if (labels_N.numel() == 0) continue;
    const at::Tensor logits_NV = out.at(model.logits_name(omic)).index({selected});
    auto& sum = sums_[omic];
    sum.loss_nats +=
        at::cross_entropy_loss(logits_NV, labels_N, {}, at::Reduction::Sum).item<double>();
    sum.accuracy += (logits_NV.argmax(1) == labels_N).sum().item<double>();
    sum.selected += labels_N.numel();
  }
}

std::map<std::string, MaskedLmScores> MaskedLmScorer::result() const {
  std::map<std::string, MaskedLmScores> means = sums_;
  for (auto& [omic, scores] : means) {
    scores.loss_nats /= static_cast<double>(scores.selected);
    scores.accuracy /= static_cast<double>(scores.selected);
  }
  return means;
}

std::map<std::string, MaskedLmScores> gene_frequency_scores(const OmicsDataset& dataset,
                                                            const std::vector<int64_t>& training,
                                                            const std::vector<int64_t>& held_out) {
  std::map<std::string, MaskedLmScores> result;
  const int64_t num_genes = dataset.encoder().num_genes();
  for (const auto& omic : dataset.encoder().omics()) {
    const int64_t bins = dataset.encoder().tokenizer(omic).pad_token();
    std::vector<double> count(static_cast<size_t>(num_genes * bins), 1.0);  // add one
    std::vector<double> total(static_cast<size_t>(num_genes), static_cast<double>(bins));
    const auto visit = [&](const std::vector<int64_t>& samples, const auto& act) {
      for (const int64_t sample : samples) {
        const at::Tensor tokens = dataset.batch({sample}).at(omic + ".tokens");
        const int64_t* ids = tokens.data_ptr<int64_t>();
        for (int64_t g = 0; g < num_genes; ++g)
          if (ids[g] < bins) act(static_cast<size_t>(g), static_cast<size_t>(ids[g]));
      }
    };
    visit(training, [&](size_t gene, size_t bin) {
      count[gene * static_cast<size_t>(bins) + bin] += 1;
      total[gene] += 1;
    });
    MaskedLmScores scores;
    visit(held_out, [&](size_t gene, size_t bin) {
      const double* of_gene = count.data() + gene * static_cast<size_t>(bins);
      scores.loss_nats -= std::log(of_gene[bin] / total[gene]);
      scores.accuracy +=
          std::max_element(of_gene, of_gene + bins) - of_gene == static_cast<int64_t>(bin);
      scores.selected += 1;
    });
    if (scores.selected > 0) {
      scores.loss_nats /= static_cast<double>(scores.selected);
      scores.accuracy /= static_cast<double>(scores.selected);
    }
    result[omic] = scores;
  }
  return result;
}

}  // namespace cohesin
