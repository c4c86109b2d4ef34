#pragma once

#include <string>
#include <vector>

namespace cohesin {

// One method: its mean as a point, a bar over its 95 % interval, its folds as faint points.
struct IntervalRow {
  std::string name;
  double mean, ci_low, ci_high;  // a bar is drawn where both limits are finite
  std::vector<double> folds;
  bool is_model = false;
  bool is_best = false;  // of all rows
};

// The axis that holds every mean, interval and fold of the rows, with a margin; plots that stand
// side by side share it. Rows far from the model's are left outside: an arrow stands for them.
struct AxisRange {
  double low, high;
};
AxisRange common_range(const std::vector<IntervalRow>& rows);

// SVG; rows stand in the given order, one `mark-mean` each and, where it lies on the axis,
// a `mark-bar` (interval) and a `mark-fold` a fold. `title` names the metric.
std::string draw_interval_plot(const std::vector<IntervalRow>& rows, const AxisRange& range,
                               const std::string& title);

}  // namespace cohesin
