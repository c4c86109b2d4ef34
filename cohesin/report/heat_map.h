#pragma once

#include <string>
#include <vector>

#include "cohesin/report/report_data.h"

namespace cohesin {

// Confusion matrix as SVG: rows are the true class, columns the predicted one, the tint is the
// share of the row. One `mark-cell` a cell, with its count in the cell where there is room.
std::string draw_confusion(const ConfusionTable& table, const std::vector<std::string>& classes);

// Horizontal bars, one `mark-bar` a class: how many samples it has.
std::string draw_class_counts(const std::vector<std::pair<std::string, int64_t>>& classes);

}  // namespace cohesin
