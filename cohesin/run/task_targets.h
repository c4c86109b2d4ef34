#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/tasks/survival.h"
#include "cohesin/tasks/task_config.h"

namespace cohesin {

// What the samples of a cohort are to be predicted; one entry a cohort sample. Empty for a task
// without outcome (masked language modelling).
struct TaskTargets {
  std::vector<int64_t> labels;  // classification: class numbers, -1 = no label
  SurvivalTargets survival;     // survival: a time of NaN = unknown

  bool empty() const { return labels.empty() && survival.time_days.empty(); }
  bool known(int64_t sample) const;
  // For draws that keep shares: the class, or whether an event was observed; -1 = unknown.
  std::vector<int64_t> strata() const;
  SurvivalTargets follow_up(const std::vector<int64_t>& samples) const;
};

// Of the task; fills in the classes where it has none, from `samples`. Throws Error as
// class_labels, and for a cohort without follow-up or without an event among `samples`.
TaskTargets read_targets(const MultiOmics& cohort, TaskConfig& task,
                         const std::vector<int64_t>& samples);

// Labels as class numbers, -1 = no label.
struct ClassLabels {
  std::vector<std::string> classes;  // sorted; by value where all are numbers
  std::vector<int64_t> labels;       // [cohort samples]
};

// The classes of `target` among `samples`. Throws Error for an unknown column or fewer than two
// classes.
ClassLabels class_labels(const MultiOmics& cohort, const std::string& target,
                         const std::vector<int64_t>& samples);
// The same with known classes; other values count as no label.
std::vector<int64_t> labels_by_class(const MultiOmics& cohort, const std::string& target,
                                     const std::vector<std::string>& classes);

// The validation part of `samples`: about `fraction` of the patients of every class or stratum
// (`labels` may be empty), drawn from (seed, patient name), so that it does not depend on the
// order.
std::vector<int64_t> draw_validation(const MultiOmics& cohort, const std::vector<int64_t>& samples,
                                     const std::vector<int64_t>& labels, double fraction,
                                     uint64_t seed);

// The patient of each sample: column `patient`, else the sample.
std::vector<std::string> patients_of(const MultiOmics& cohort);

}  // namespace cohesin
