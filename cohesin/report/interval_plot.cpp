#include "cohesin/report/interval_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cohesin/report/html_text.h"
#include "cohesin/report/plot_frame.h"

namespace cohesin {
namespace {

constexpr double kRowHeight = 27;

constexpr AxisRange kNoRange = {std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity()};

void widen(AxisRange& range, double value) {
  if (!std::isfinite(value)) return;
  range.low = std::min(range.low, value);
  range.high = std::max(range.high, value);
}

void widen(AxisRange& range, const IntervalRow& row) {
  widen(range, row.mean);
  widen(range, row.ci_low);
  widen(range, row.ci_high);
  for (const double fold : row.folds) widen(range, fold);
}

// An arrow at the edge that stands for a mean beyond the axis.
std::string draw_arrow(const Scale& x, double y, bool to_the_left, const std::string& kind,
                       double mean, const std::string& hover) {
  const double tip = to_the_left ? x.from + 1 : x.to - 1, back = to_the_left ? 8 : -8;
  return fmt::format(
      "<path class=\"mark mark-mean {}\" data-value=\"{}\" d=\"M{} {}l{} -4.5v9z\">{}</path>\n",
      kind, exact_text(mean), pixels(tip), pixels(y), pixels(back), hover_title(hover));
}

std::string row_text(const IntervalRow& row, const std::string& title) {
  std::string text = fmt::format("{}: {} {}", row.name, title, score_text(row.mean));
  if (std::isfinite(row.ci_low) && std::isfinite(row.ci_high))
    text +=
        fmt::format(", 95 % interval {} to {}", score_text(row.ci_low), score_text(row.ci_high));
  return text;
}

std::string draw_row(const IntervalRow& row, const PlotFrame& frame, const Scale& x, double y,
                     const std::string& title) {
  const std::string kind = row.is_model ? "model" : "baseline";
  std::string out = fmt::format(
      "<text class=\"row-name {}\" x=\"0\" y=\"{}\">{}</text>"
      "<text class=\"row-value {}\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
      kind, pixels(y + 4), escape_html(shorten(row.name, 18)), row.is_best ? "best" : kind,
      pixels(frame.width), pixels(y + 4), score_text(row.mean));
  if (row.mean < x.low || row.mean > x.high)
    return out + draw_arrow(x, y - 2, row.mean < x.low, kind, row.mean, row_text(row, title));
  for (size_t k = 0; k < row.folds.size(); ++k) {
    if (!std::isfinite(row.folds[k])) continue;
    out +=
        fmt::format("<circle class=\"mark mark-fold {}\" cx=\"{}\" cy=\"{}\" r=\"2.6\">{}</circle>",
                    kind, pixels(x(row.folds[k])), pixels(y + 6.5),
                    hover_title(fmt::format("{}, fold {} of {}: {}", row.name, k + 1,
                                            row.folds.size(), score_text(row.folds[k]))));
  }
  if (std::isfinite(row.ci_low) && std::isfinite(row.ci_high))
    out += fmt::format(
        "<line class=\"mark mark-bar {}\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\">{}</line>", kind,
        pixels(x(row.ci_low)), pixels(x(row.ci_high)), pixels(y - 2), pixels(y - 2),
        hover_title(row_text(row, title)));
  if (std::isfinite(row.mean))
    out += fmt::format(
        "<circle class=\"mark mark-mean {}\" cx=\"{}\" cy=\"{}\" r=\"4.5\" "
        "data-value=\"{}\">{}</circle>\n",
        kind, pixels(x(row.mean)), pixels(y - 2), exact_text(row.mean),
        hover_title(row_text(row, title)));
  return out;
}

}  // namespace

AxisRange common_range(const std::vector<IntervalRow>& rows) {
  AxisRange model = kNoRange, all = kNoRange;
  for (const auto& row : rows)
    if (row.is_model) widen(model, row);
  // A baseline that is far below, such as the majority class, would press all others into a corner.
  const double reach = 2 * std::max(model.high - model.low, 0.04);
  for (const auto& row : rows) {
    const bool near = row.mean > model.low - reach && row.mean < model.high + reach;
    if (!(model.low <= model.high) || near) widen(all, row);
  }
  if (!(all.low <= all.high)) return {0, 1};
  const double margin = std::max(0.04 * (all.high - all.low), 1e-3);
  return {all.low - margin, all.high + margin};
}

std::string draw_interval_plot(const std::vector<IntervalRow>& rows, const AxisRange& range,
                               const std::string& title) {
  PlotFrame frame;
  frame.left = 126;
  frame.right = 48;
  frame.top = 4;
  frame.height = frame.top + kRowHeight * static_cast<double>(rows.size()) + frame.bottom;
  const Scale x = frame.x_scale(range.low, range.high);
  std::string label = title + ", means with 95 % intervals.";
  for (const auto& row : rows) label += " " + row_text(row, title) + ".";
  std::string out = open_svg(frame.width, frame.height, "interval-plot", label);
  out += draw_x_axis(frame, x, title);
  double y = frame.top + kRowHeight / 2;
  for (const auto& row : rows) {
    out += draw_row(row, frame, x, y, title);
    y += kRowHeight;
  }
  return out + "</svg>\n";
}

}  // namespace cohesin
