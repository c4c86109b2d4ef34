#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "cohesin/tasks/calibration.h"
#include "cohesin/tasks/task_config.h"

namespace cohesin {

// What heads say about n samples; empty where the task does not ask it.
struct HeadAnswers {
  std::vector<double> probability;  // [n, K] of classes
  std::vector<double> risk;         // [n] higher = earlier
  std::vector<double> survival;     // [n, H] probability to live beyond task.horizons_days
  std::vector<double> risk_cuts;    // [2] between low, middle and high risk; may be empty
  std::vector<double> values;       // [n, V] in the units of the columns
  // [n, K] calibration samples at least as strange as the class would be, and how many there were.
  std::vector<double> stranger;
  double num_calibration = 0;

  // Room for n samples, all 0.
  static HeadAnswers zeros(const TaskConfig& task, size_t num_samples);
  // Adds weight times the answers of `num_rows` further samples to the rows from `first` on.
  void add(const HeadAnswers& more, size_t first, size_t num_rows, double weight);
  // The cuts of one of so many members; the mean over them is taken.
  void add_risk_cuts(const std::vector<double>& cuts, size_t num_members);
};

// The answers behind a head's outputs [B,T].
HeadAnswers read_outputs(const at::Tensor& outputs_BT, const TaskConfig& task,
                         const Calibration& calibration);

}  // namespace cohesin
