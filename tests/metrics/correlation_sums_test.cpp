#include "cohesin/metrics/correlation_sums.h"

#include <cmath>
#include <vector>

#include "cohesin/metrics/value_metrics.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(CorrelationSums, PartsAddUpToTheCorrelationOfAll) {
  const std::vector<double> x = {1, 2, 3, 4, 7, 1.5}, y = {2, 1, 4, 3, 9, 2.5};
  CorrelationSums left, right;
  for (size_t i = 0; i < x.size(); ++i) (i < 2 ? left : right).add(x[i], y[i]);
  left += right;
  EXPECT_NEAR(left.pearson(), pearson_correlation(x, y), 1e-12);
}

TEST(CorrelationSums, AConstantHasNone) {
  CorrelationSums sums;
  EXPECT_TRUE(std::isnan(sums.pearson()));
  for (int i = 0; i < 5; ++i) sums.add(0.1, i);
  EXPECT_TRUE(std::isnan(sums.pearson()));
}

}  // namespace
}  // namespace cohesin
