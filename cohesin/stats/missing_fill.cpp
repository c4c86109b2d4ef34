#include "cohesin/stats/missing_fill.h"

#include <algorithm>

namespace cohesin {
namespace {

// From hardly any to complete shrinkage, for standardised columns.
const std::vector<double> kPenalties = {1, 10, 100, 1e3, 1e4, 1e5};

// The blocks side by side, those rows only.
Matrix join(const std::vector<Matrix>& blocks, const std::vector<size_t>& which,
            const std::vector<size_t>& rows) {
  size_t columns = 0;
  for (const size_t block : which) columns += blocks[block].num_columns;
  Matrix joined(rows.size(), columns);
  for (size_t i = 0; i < rows.size(); ++i) {
    double* to = joined.row(i);
    for (const size_t block : which)
      to = std::copy_n(blocks[block].row(rows[i]), blocks[block].num_columns, to);
  }
  return joined;
}

bool has_all(const std::vector<std::vector<bool>>& present, const std::vector<size_t>& which,
             size_t row) {
  return std::all_of(which.begin(), which.end(), [&](size_t block) { return present[block][row]; });
}

// The source sets of one target: all others, then each alone.
std::vector<std::vector<size_t>> source_sets(size_t num_blocks, size_t target) {
  std::vector<size_t> others;
  for (size_t block = 0; block < num_blocks; ++block)
    if (block != target) others.push_back(block);
  std::vector<std::vector<size_t>> sets;
  if (others.size() > 1) sets.push_back(others);
  for (const size_t other : others) sets.push_back({other});
  return sets;
}

// The samples that each regression of one target fills: those that have all other modalities the
// one from all of them, other samples every one whose sources they have.
std::vector<std::vector<size_t>> rows_by_regression(const MissingFill& fill,
                                                    const std::vector<std::vector<bool>>& present,
                                                    size_t target) {
  std::vector<std::vector<size_t>> rows(fill.regressions.size());
  for (size_t row = 0; row < present[target].size(); ++row) {
    if (present[target][row]) continue;
    for (size_t r = 0; r < fill.regressions.size(); ++r) {
      const MissingFill::Regression& regression = fill.regressions[r];
      if (regression.target != target || !has_all(present, regression.sources, row)) continue;
      rows[r].push_back(row);
      if (regression.sources.size() + 1 == present.size()) break;  // it comes before the others
    }
  }
  return rows;
}

}  // namespace

MissingFill fit_missing_fill(const std::vector<Matrix>& blocks,
                             const std::vector<std::vector<bool>>& present) {
  MissingFill fill;
  for (size_t target = 0; target < blocks.size(); ++target) {
    for (const std::vector<size_t>& sources : source_sets(blocks.size(), target)) {
      std::vector<size_t> rows;
      for (size_t row = 0; row < blocks[target].num_rows; ++row)
        if (present[target][row] && has_all(present, sources, row)) rows.push_back(row);
      if (rows.size() < kFewestFillSamples) continue;
      fill.regressions.push_back(
          {target, sources,
           fit_ridge(join(blocks, sources, rows), join(blocks, {target}, rows), kPenalties)});
    }
  }
  return fill;
}

void fill_missing(const MissingFill& fill, std::vector<Matrix>& blocks,
                  const std::vector<std::vector<bool>>& present) {
  const std::vector<Matrix> measured = blocks;
  for (size_t target = 0; target < blocks.size(); ++target) {
    const size_t columns = blocks[target].num_columns;
    const auto rows = rows_by_regression(fill, present, target);
    std::vector<double> times_filled(blocks[target].num_rows, 0.0);
    for (const std::vector<size_t>& filled : rows)
      for (const size_t row : filled) times_filled[row] += 1;
    for (size_t row = 0; row < blocks[target].num_rows; ++row)
      if (!present[target][row]) std::fill_n(blocks[target].row(row), columns, 0.0);
    for (size_t r = 0; r < rows.size(); ++r) {
      if (rows[r].empty()) continue;
      const MissingFill::Regression& regression = fill.regressions[r];
      const Matrix filled = predict(regression.model, join(measured, regression.sources, rows[r]));
      for (size_t i = 0; i < rows[r].size(); ++i)
        for (size_t j = 0; j < columns; ++j)
          blocks[target].row(rows[r][i])[j] += filled.row(i)[j] / times_filled[rows[r][i]];
    }
  }
}

}  // namespace cohesin
