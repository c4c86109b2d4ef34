#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "cohesin/stats/matrix.h"

namespace cohesin {

// Ridge regression of several outputs on few inputs and any number of rows, which are seen once and
// not kept: sums of products are. Inputs are standardised, the intercept is free.
class RidgeSums {
 public:
  RidgeSums(size_t num_inputs, size_t num_outputs);
  ~RidgeSums();
  RidgeSums(const RidgeSums&) = delete;
  RidgeSums& operator=(const RidgeSums&) = delete;

  // Rows of [n, inputs] and [n, outputs]. Throws Error for other widths and for NaN.
  void add(const Matrix& inputs, const Matrix& outputs);

  // Coefficients of the inputs as they are, [inputs, outputs], and the intercepts [outputs].
  struct Fit {
    Matrix coefficients;
    std::vector<double> intercepts;
    Matrix predict(const Matrix& inputs) const;  // [n, outputs]
  };
  // Minimises |Y - XW - b|^2 + penalty n |W|^2 over the n rows. Throws Error below two rows.
  Fit fit(double penalty) const;

 private:
  struct Sums;
  std::unique_ptr<Sums> sums_;
};

}  // namespace cohesin
