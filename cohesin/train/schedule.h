#pragma once

#include <cstdint>
#include <string>

namespace cohesin {

// The learning rate over a training: a linear rise over the first steps, then cosine or linear down
// to 0 after the last step, or constant.
class Schedule {
 public:
  // `shape`: "cosine", "linear" or "constant". Throws Error on any other.
  Schedule(double learning_rate, const std::string& shape, double warmup_fraction,
           int64_t num_steps);

  // Of the step with this number, from 0. The warm-up's first step already learns.
  double at(int64_t step) const;

 private:
  enum class Shape { cosine, linear, constant };
  double learning_rate_;
  Shape shape_;
  int64_t warmup_steps_;
  int64_t num_steps_;
};

}  // namespace cohesin
