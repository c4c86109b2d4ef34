#include "cohesin/stats/association.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <map>

#include "cohesin/base/error.h"
#include "cohesin/stats/logrank.h"

namespace cohesin {

Association associate(std::span<const int64_t> row, std::span<const int64_t> column) {
  assert(row.size() == column.size());
  std::map<int64_t, double> row_total, column_total;
  std::map<std::pair<int64_t, int64_t>, double> observed;
  for (size_t i = 0; i < row.size(); ++i) {
    ++row_total[row[i]];
    ++column_total[column[i]];
    ++observed[{row[i], column[i]}];
  }
  if (row_total.size() < 2 || column_total.size() < 2)
    throw Error("an association needs two groups on both sides, got {} and {}", row_total.size(),
                column_total.size());
  Association result;
  result.num_samples = static_cast<int64_t>(row.size());
  result.num_rows = static_cast<int64_t>(row_total.size());
  result.num_columns = static_cast<int64_t>(column_total.size());
  const auto n = static_cast<double>(row.size());
  double num_small = 0, least = n;
  for (const auto& [r, of_row] : row_total) {
    for (const auto& [c, of_column] : column_total) {
      const double expected = of_row * of_column / n;
      const auto found = observed.find({r, c});
      const double difference = (found == observed.end() ? 0 : found->second) - expected;
      result.chi_square += difference * difference / expected;
      num_small += expected < 5 ? 1 : 0;
      least = std::min(least, expected);
    }
  }
  const auto rows = static_cast<double>(result.num_rows);
  const auto columns = static_cast<double>(result.num_columns);
  const double freedom = (rows - 1) * (columns - 1);
  result.degrees_of_freedom = static_cast<int64_t>(freedom);
  const bool too_small = num_small > 0.2 * rows * columns || least < 1;
  result.p_value = too_small ? std::numeric_limits<double>::quiet_NaN()
                             : chi_square_tail(result.chi_square, result.degrees_of_freedom);
  const double phi_square = result.chi_square / n;
  result.cramers_v = std::sqrt(phi_square / (std::min(rows, columns) - 1));
  const double fewer = std::min(rows - (rows - 1) * (rows - 1) / (n - 1),
                                columns - (columns - 1) * (columns - 1) / (n - 1)) -
                       1;
  result.cramers_v_corrected =
      fewer <= 1e-12
          ? std::numeric_limits<double>::quiet_NaN()
          : std::min(1.0, std::sqrt(std::max(0.0, phi_square - freedom / (n - 1)) / fewer));
  return result;
}

}  // namespace cohesin
