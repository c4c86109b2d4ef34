#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "cohesin/run/task_targets.h"
#include "cohesin/tasks/calibration.h"
#include "cohesin/tasks/task_config.h"
#include "cohesin/train/train_settings.h"
#include "cohesin/train/trainable.h"

namespace cohesin {

// The loss of a head's outputs over all kinds that its task asks. A sample counts for the kinds
// whose outcome is known.
class HeadLoss {
 public:
  // `training`: the samples whose class shares weigh classes (train.class_weights).
  HeadLoss(TaskConfig task, TaskTargets targets, const TrainSettings& settings,
           const std::vector<int64_t>& training);

  // outputs_BT: those of `samples`. Joint losses are added, each by exp(-log_variance) and with
  // half of log_variance added (Kendall et al. 2018); undefined = all the same.
  LossParts operator()(const at::Tensor& outputs_BT, const std::vector<int64_t>& samples,
                       const at::Tensor& log_variance) const;
  // The score that early stopping follows, unweighted, and further numbers by name.
  Validation validate(const at::Tensor& outputs_BT, const std::vector<int64_t>& samples) const;
  // What the outputs mean, from those of training samples (may be undefined unless
  // needs_training_outputs) and validation samples (undefined = none).
  Calibration calibrate(const at::Tensor& training_BT, const std::vector<int64_t>& training,
                        const at::Tensor& validation_BT,
                        const std::vector<int64_t>& validation) const;
  bool needs_training_outputs() const;

 private:
  // The outputs of one kind, for the samples whose outcome is known.
  struct Known {
    std::vector<int64_t> samples;
    at::Tensor outputs_BT;
  };
  Known known(TaskKind kind, const at::Tensor& outputs_BT,
              const std::vector<int64_t>& samples) const;
  at::Tensor labels_of(const std::vector<int64_t>& samples) const;
  at::Tensor class_loss(const Known& known, double label_smoothing) const;
  at::Tensor survival_loss(const Known& known) const;
  at::Tensor value_loss(const Known& known) const;
  double weight(TaskKind kind, const Known& known) const;

  TaskConfig task_;
  TaskTargets targets_;
  double label_smoothing_;
  CoxTies ties_;
  at::Tensor class_weights_T_;
};

}  // namespace cohesin
