#pragma once

#include <string>
#include <vector>

#include "cohesin/report/interval_plot.h"
#include "cohesin/report/report_data.h"

namespace cohesin {

// The axis that holds every bar and interval of the panels, and zero.
AxisRange gene_range(const std::vector<GenePanel>& panels);

// SVG: one horizontal bar a gene from zero to its mean (`mark-gene`), coloured by its place in
// `modalities`, with a whisker over its interval. Panels that stand side by side share `range`.
std::string draw_gene_bars(const GenePanel& panel, const AxisRange& range,
                           const std::vector<std::string>& modalities, const std::string& title);

}  // namespace cohesin
