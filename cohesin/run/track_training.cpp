#include "cohesin/run/track_training.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/models/poisson_loss.h"
#include "cohesin/nn/batch_norm.h"

namespace cohesin {

TrackTraining::TrackTraining(std::shared_ptr<Enformer> model,
                             std::shared_ptr<const TrackDataset> dataset, TrackWindows windows,
                             const TracksConfig& task, bool freeze_batch_norm)
    : model_(std::move(model)),
      dataset_(std::move(dataset)),
      windows_(std::move(windows)),
      task_(task),
      weights_(track_weights(dataset_->set(), task.assay_weights)) {
  freeze_batch_norms(*model_, freeze_batch_norm);
}

int64_t TrackTraining::cuts_per_window() const {
  if (task_.cuts_per_window > 0) return task_.cuts_per_window;
  const int64_t bins = dataset_->shape().num_bins;
  return (dataset_->set().num_bins + bins - 1) / bins;
}

std::vector<std::string> TrackTraining::sample_names() const {
  std::vector<std::string> names;
  for (const size_t window : windows_.train)
    for (int64_t i = 0; i < cuts_per_window(); ++i)
      names.push_back(dataset_->set().window_name(window) + "/" + std::to_string(i));
  return names;
}

LossParts TrackTraining::loss(const std::vector<int64_t>& samples, const StepAddress& at) {
  std::vector<TrackCut> cuts;
  for (const int64_t sample : samples) {
    const auto window = static_cast<size_t>(sample / cuts_per_window());
    cuts.push_back(dataset_->draw(windows_.train[window], sample % cuts_per_window(),
                                  {task_.shift_bp, task_.reverse_complement}, at.seed,
                                  static_cast<uint64_t>(at.epoch)));
  }
  const Batch batch = dataset_->batch(cuts);
  const at::Tensor predicted = model_->forward(batch, Wanted({task_.head})).at(task_.head);
  const at::Tensor weights =
      task_.assay_weights.empty() ? at::Tensor() : at::tensor(weights_, at::kDouble).to(at::kFloat);
  return {poisson_loss(predicted.to(at::kFloat), batch.at("targets"), weights),
          static_cast<double>(samples.size())};
}

Validation TrackTraining::validate() {
  const TrackSums sums = score_windows(*model_, task_.head, *dataset_, windows_.validation,
                                       /*average=*/false);
  Validation validation;
  validation.metrics["poisson_loss"] = sums.poisson_loss();
  const std::vector<double> of_tracks = sums.pearson();
  for (const auto& [group, mean] : group_means(of_tracks, dataset_->set().descriptions))
    validation.metrics[group.empty() ? "pearson" : "pearson_" + group] = mean;
  double sum = 0, weight = 0;
  for (size_t i = 0; i < of_tracks.size(); ++i) {
    if (std::isnan(of_tracks[i])) continue;  // nothing was measured there, or nothing predicted
    sum += weights_[i] * of_tracks[i];
    weight += weights_[i];
  }
  validation.score = -sum / weight;
  return validation;
}

bool TrackTraining::is_head(const std::string& parameter_name) const {
  return parameter_name.rfind("head_", 0) == 0;
}

std::vector<double> track_weights(const TrackSet& set,
                                  const std::map<std::string, double>& assay_weights) {
  std::set<std::string> assays;
  std::vector<double> weights;
  double sum = 0;
  for (const auto& description : set.descriptions) {
    const std::string assay = track_group(description);
    assays.insert(assay);
    const auto found = assay_weights.find(assay);
    weights.push_back(found == assay_weights.end() ? 1.0 : found->second);
    sum += weights.back();
  }
  for (const auto& [assay, weight] : assay_weights)
    if (assays.count(assay) == 0)
      throw Error("task.assay_weights: no track is of the assay '{}'; there are {}", assay,
                  fmt::join(assays, ", "));
  if (!(sum > 0)) throw Error("task.assay_weights: all tracks count 0; nothing would be learnt");
  for (double& weight : weights) weight *= static_cast<double>(weights.size()) / sum;
  return weights;
}

namespace {

// [B,bins,T] of these pieces.
at::Tensor predict_cuts(Enformer& model, const std::string& head, const TrackDataset& dataset,
                        std::vector<TrackCut> cuts, bool average) {
  const auto ask = [&] {
    return model.forward(dataset.batch(cuts), Wanted({head})).at(head).to(at::kFloat);
  };
  const at::Tensor forward_BNT = ask();
  if (!average) return forward_BNT.contiguous();
  for (TrackCut& cut : cuts) cut.reverse = true;
  const at::Tensor pairs_T = at::tensor(dataset.set().strand_pair, at::kLong);
  return (forward_BNT + ask().flip(1).index_select(2, pairs_T)) / 2;
}

}  // namespace

std::vector<float> predict_window(Enformer& model, const std::string& head,
                                  const TrackDataset& dataset, size_t window, bool average) {
  constexpr size_t kCuts = 8;  // at a time
  const auto tracks = static_cast<size_t>(dataset.set().num_tracks());
  std::vector<float> values(static_cast<size_t>(dataset.set().num_bins) * tracks);
  const std::vector<TrackCut> cuts = dataset.cover(window);
  for (size_t begin = 0; begin < cuts.size(); begin += kCuts) {
    const size_t end = std::min(begin + kCuts, cuts.size());
    const std::vector<TrackCut> part(cuts.begin() + static_cast<int64_t>(begin),
                                     cuts.begin() + static_cast<int64_t>(end));
    const at::Tensor predicted_BNT = predict_cuts(model, head, dataset, part, average);
    for (size_t i = 0; i < part.size(); ++i) {
      const at::Tensor predicted_NT = predicted_BNT[static_cast<int64_t>(i)];
      std::copy_n(predicted_NT.const_data_ptr<float>(), predicted_NT.numel(),
                  values.begin() + part[i].first_bin * static_cast<int64_t>(tracks));
    }
  }
  return values;
}

TrackSums score_windows(Enformer& model, const std::string& head, const TrackDataset& dataset,
                        const std::vector<size_t>& windows, bool average) {
  const torch::NoGradGuard no_grad;
  TrackSums sums(dataset.set().num_tracks());
  for (const size_t window : windows) {
    const std::vector<float> predicted = predict_window(model, head, dataset, window, average);
    sums.add_window(predicted.data(), dataset.set().values(window), dataset.set().num_bins);
  }
  return sums;
}

}  // namespace cohesin
