#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/tasks/survival.h"
#include "cohesin/tasks/task_config.h"

namespace cohesin {

// What the samples of a cohort are to be predicted; one entry a cohort sample, empty where the task
// does not ask it.
struct TaskTargets {
  std::vector<int64_t> labels;  // classification: class numbers, -1 = no label
  SurvivalTargets survival;     // survival: a time of NaN = unknown
  std::vector<double> values;   // regression: [samples, V], NaN = unknown
  size_t num_values = 0;        // V

  bool empty() const { return labels.empty() && survival.time_days.empty() && values.empty(); }
  // Whether the outcome of this kind is known; of regression, any of the values.
  bool known(TaskKind kind, int64_t sample) const;
  bool known(int64_t sample) const;  // of any kind
  // For draws that keep shares: one number a combination of class and observed event; -1 = unknown.
  std::vector<int64_t> strata() const;
  SurvivalTargets follow_up(const std::vector<int64_t>& samples) const;
};

// Of the task; fills in what training finds out (classes, intervals, means) where it is not there,
// from `samples`. Throws Error as class_labels, for a cohort without follow-up or values, and
// without an event among `samples`.
TaskTargets read_targets(const MultiOmics& cohort, TaskConfig& task,
                         const std::vector<int64_t>& samples);

// The values [samples, V] of the columns; NaN where not known or, with `columns_may_lack`, where
// the cohort has no such column. Throws Error for text.
std::vector<double> read_values(const MultiOmics& cohort, const std::vector<std::string>& columns,
                                bool columns_may_lack = false);

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
