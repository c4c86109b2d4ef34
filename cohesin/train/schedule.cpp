#include "cohesin/train/schedule.h"

#include <cmath>
#include <numbers>

#include "cohesin/base/error.h"

namespace cohesin {

Schedule::Schedule(double learning_rate, const std::string& shape, double warmup_fraction,
                   int64_t num_steps)
    : learning_rate_(learning_rate),
      warmup_steps_(std::llround(warmup_fraction * static_cast<double>(num_steps))),
      num_steps_(num_steps) {
  if (shape == "cosine") {
    shape_ = Shape::cosine;
  } else if (shape == "linear") {
    shape_ = Shape::linear;
  } else if (shape == "constant") {
    shape_ = Shape::constant;
  } else {
    throw Error("the schedule '{}' is unknown; there are cosine, linear and constant", shape);
  }
}

double Schedule::at(int64_t step) const {
  if (step < warmup_steps_) {
    return learning_rate_ * static_cast<double>(step + 1) / static_cast<double>(warmup_steps_);
  }
  if (shape_ == Shape::constant) return learning_rate_;
  const double passed =
      static_cast<double>(step - warmup_steps_) / static_cast<double>(num_steps_ - warmup_steps_);
  if (shape_ == Shape::linear) return learning_rate_ * (1 - passed);
  return learning_rate_ * 0.5 * (1 + std::cos(std::numbers::pi * passed));
}

}  // namespace cohesin
