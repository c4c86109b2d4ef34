#pragma once

#include <cstdint>

namespace cohesin {

// What Pearson's correlation of many pairs needs to know of them: parts of a set are added up, and
// parts may be drawn again and again for a bootstrap.
struct CorrelationSums {
  double count = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;

  void add(double x_value, double y_value);
  CorrelationSums& operator+=(const CorrelationSums& other);
  // NaN below two pairs and where x or y is constant.
  double pearson() const;
};

}  // namespace cohesin
