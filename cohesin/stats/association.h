#pragma once

#include <cstdint>
#include <span>

namespace cohesin {

// How far two groupings of the same samples go together: Pearson's chi-square test of independence
// and Cramer's V.
struct Association {
  int64_t num_samples = 0, num_rows = 0, num_columns = 0;  // groups that occur
  double chi_square = 0;
  int64_t degrees_of_freedom = 0;
  // Without a continuity correction; NaN where more than a fifth of the expected counts lie below
  // 5, or one below 1 (Cochran 1954): the distribution is then another.
  double p_value = 0;
  double cramers_v = 0;  // 0 independent, 1 one follows from the other
  // Corrected for the bias upwards of small tables (Bergsma 2013,
  // doi:10.1016/j.jkss.2012.10.002); NaN where every sample is a group of its own.
  double cramers_v_corrected = 0;
};

// `row` and `column`: the groups of each sample, any integers. Throws Error for fewer than two
// groups on a side.
Association associate(std::span<const int64_t> row, std::span<const int64_t> column);

}  // namespace cohesin
