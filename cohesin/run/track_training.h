#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/data/track_dataset.h"
#include "cohesin/models/encoders/enformer.h"
#include "cohesin/run/adaptable_training.h"
#include "cohesin/run/track_scores.h"
#include "cohesin/tasks/tracks_config.h"

namespace cohesin {

// The windows of one training, as indices into the set.
struct TrackWindows {
  std::vector<size_t> train, validation;
};

// Enformer on tracks along a genome: the Poisson loss of pieces of the training windows, anywhere
// in them, shifted and turned round as the task says. The validation score is minus the mean of the
// tracks' Pearson correlations over all bins of the held-out windows; metrics hold that of each
// assay and the loss. Both weigh the tracks by task.assay_weights.
class TrackTraining : public AdaptableTraining {
 public:
  TrackTraining(std::shared_ptr<Enformer> model, std::shared_ptr<const TrackDataset> dataset,
                TrackWindows windows, const TracksConfig& task, bool freeze_batch_norm);

  torch::nn::Module& module() override { return *model_; }
  std::vector<std::string> sample_names() const override;
  LossParts loss(const std::vector<int64_t>& samples, const StepAddress& at) override;
  bool has_validation() const override { return !windows_.validation.empty(); }
  Validation validate() override;
  bool is_head(const std::string& parameter_name) const override;

 private:
  int64_t cuts_per_window() const;

  std::shared_ptr<Enformer> model_;
  std::shared_ptr<const TrackDataset> dataset_;
  TrackWindows windows_;
  TracksConfig task_;
  std::vector<double> weights_;  // of the tracks; their mean is 1
};

// How much each track counts, on average 1. Throws Error for an assay that no track is of, and
// where no track is left.
std::vector<double> track_weights(const TrackSet& set,
                                  const std::map<std::string, double>& assay_weights);

// All bins of a window, [bins, tracks], as the model's head predicts them; with `average` the mean
// of both strands.
std::vector<float> predict_window(Enformer& model, const std::string& head,
                                  const TrackDataset& dataset, size_t window, bool average);

// The predictions for these windows against what was measured.
TrackSums score_windows(Enformer& model, const std::string& head, const TrackDataset& dataset,
                        const std::vector<size_t>& windows, bool average);

}  // namespace cohesin
