#include "cohesin/report/heat_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "cohesin/report/html_text.h"
#include "cohesin/report/plot_frame.h"

namespace cohesin {
namespace {

constexpr double kWidth = 360;
constexpr double kLeft = 104, kBottom = 70, kTop = 22;

struct Grid {
  double cell;  // side of a cell
  double x(size_t column) const { return kLeft + cell * static_cast<double>(column); }
  double y(size_t row) const { return kTop + cell * static_cast<double>(row); }
};

std::string draw_cell(const Grid& grid, size_t row, size_t column, int64_t count, int64_t total,
                      const std::vector<std::string>& classes) {
  const double share = total > 0 ? static_cast<double>(count) / static_cast<double>(total) : 0;
  const std::string hover = fmt::format("true {}, predicted {}: {} of {} ({})", classes[row],
                                        classes[column], count_text(count), count_text(total),
                                        percent_text(total > 0 ? share : kNotANumber));
  std::string out = fmt::format(
      "<g class=\"mark mark-cell{}\" data-count=\"{}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" "
      "height=\"{}\" fill-opacity=\"{:.3f}\"/>",
      row == column ? " diagonal" : "", count, pixels(grid.x(column) + 0.75),
      pixels(grid.y(row) + 0.75), pixels(grid.cell - 1.5), pixels(grid.cell - 1.5),
      count == 0 ? 0.0 : 0.06 + 0.94 * share);
  const double size = std::min(13.0, grid.cell * 0.36);
  if (size >= 7)
    out += fmt::format(
        "<text class=\"{}\" x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"middle\">{}</text>",
        share > 0.5 ? "strong" : (count == 0 ? "zero" : "weak"),
        pixels(grid.x(column) + grid.cell / 2), pixels(grid.y(row) + grid.cell / 2 + 0.36 * size),
        pixels(size), count);
  return out + hover_title(hover) + "</g>\n";
}

std::string draw_names(const Grid& grid, const std::vector<std::string>& classes) {
  const double size = std::clamp(grid.cell * 0.8, 4.0, 11.5);
  std::string out;
  for (size_t k = 0; k < classes.size(); ++k) {
    const std::string name = escape_html(shorten(classes[k], 13));
    const double middle = grid.cell / 2;
    out += fmt::format(
        "<text class=\"tick\" x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"end\">{}</text>",
        pixels(kLeft - 6), pixels(grid.y(k) + middle + 0.35 * size), pixels(size), name);
    const std::string x = pixels(grid.x(k) + middle + 0.35 * size);
    const std::string y = pixels(grid.y(classes.size()) + 9);
    out += fmt::format(
        "<text class=\"tick\" x=\"{0}\" y=\"{1}\" font-size=\"{2}\" text-anchor=\"end\" "
        "transform=\"rotate(-45 {0} {1})\">{3}</text>\n",
        x, y, pixels(size), name);
  }
  return out;
}

}  // namespace

std::string draw_confusion(const ConfusionTable& table, const std::vector<std::string>& classes) {
  const size_t n = classes.size();
  const Grid grid = {(kWidth - kLeft - 2) / static_cast<double>(std::max<size_t>(n, 1))};
  const double height = kTop + grid.cell * static_cast<double>(n) + kBottom;
  int64_t right = 0, all = 0;
  for (size_t i = 0; i < n; ++i) {
    right += table.counts[i][i];
    all += std::accumulate(table.counts[i].begin(), table.counts[i].end(), int64_t{0});
  }
  std::string out = open_svg(kWidth, height, "heat-map",
                             fmt::format("Confusion matrix: {} of {} samples on the diagonal",
                                         count_text(right), count_text(all)));
  out += fmt::format(
      "<text class=\"axis-title\" x=\"{}\" y=\"13\" text-anchor=\"end\">true class</text>"
      "<text class=\"axis-title\" x=\"{}\" y=\"{}\" text-anchor=\"end\">predicted class</text>\n",
      pixels(kLeft - 6), pixels(kWidth - 2), pixels(height - 4));
  out += draw_names(grid, classes);
  for (size_t i = 0; i < n; ++i) {
    const int64_t total =
        std::accumulate(table.counts[i].begin(), table.counts[i].end(), int64_t{0});
    for (size_t j = 0; j < n; ++j) out += draw_cell(grid, i, j, table.counts[i][j], total, classes);
  }
  return out + "</svg>\n";
}

std::string draw_class_counts(const std::vector<std::pair<std::string, int64_t>>& classes) {
  int64_t largest = 1, all = 0;
  for (const auto& [name, count] : classes) {
    largest = std::max(largest, count);
    all += count;
  }
  constexpr double kRow = 24, kNames = 110, kValues = 92;
  const double height = kRow * static_cast<double>(classes.size()) + 4;
  std::string out = open_svg(kWidth, height, "bar-plot", "Samples in each class");
  for (size_t k = 0; k < classes.size(); ++k) {
    const auto& [name, count] = classes[k];
    const double y = kRow * static_cast<double>(k) + 3;
    const double share =
        static_cast<double>(count) / static_cast<double>(std::max<int64_t>(all, 1));
    const double width =
        (kWidth - kNames - kValues) * static_cast<double>(count) / static_cast<double>(largest);
    out += fmt::format(
        "<text class=\"row-name\" x=\"0\" y=\"{0}\">{1}</text>"
        "<rect class=\"mark mark-bar {2}\" x=\"{3}\" y=\"{4}\" width=\"{5}\" height=\"16\" "
        "rx=\"2\">{6}</rect>"
        "<text class=\"row-value\" x=\"{7}\" y=\"{0}\">{8}</text>"
        "<text class=\"row-share\" x=\"{9}\" y=\"{0}\" text-anchor=\"end\">{10}</text>\n",
        pixels(y + 12.5), escape_html(shorten(name, 16)), colour_class(static_cast<int>(k)),
        pixels(kNames), pixels(y), pixels(std::max(width, 1.0)),
        hover_title(
            fmt::format("{}: {} samples ({})", name, count_text(count), percent_text(share))),
        pixels(kNames + width + 6), count_text(count), pixels(kWidth), percent_text(share));
  }
  return out + "</svg>\n";
}

}  // namespace cohesin
