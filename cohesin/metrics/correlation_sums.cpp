#include "cohesin/metrics/correlation_sums.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cohesin {

void CorrelationSums::add(double x_value, double y_value) {
  count += 1;
  x += x_value;
  y += y_value;
  xx += x_value * x_value;
  yy += y_value * y_value;
  xy += x_value * y_value;
}

CorrelationSums& CorrelationSums::operator+=(const CorrelationSums& other) {
  count += other.count;
  x += other.x;
  y += other.y;
  xx += other.xx;
  yy += other.yy;
  xy += other.xy;
  return *this;
}

double CorrelationSums::pearson() const {
  const double x_spread = count * xx - x * x, y_spread = count * yy - y * y;
  // What rounding leaves of a constant is no spread.
  constexpr double kNoise = 1e-12;
  if (count < 2 || x_spread <= kNoise * count * xx || y_spread <= kNoise * count * yy)
    return std::numeric_limits<double>::quiet_NaN();
  return std::clamp((count * xy - x * y) / std::sqrt(x_spread * y_spread), -1.0, 1.0);
}

}  // namespace cohesin
