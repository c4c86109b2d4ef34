#include "cohesin/report/gene_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cohesin/report/html_text.h"
#include "cohesin/report/plot_frame.h"

namespace cohesin {
namespace {

constexpr double kRowHeight = 19, kBarHeight = 11;

std::string bar_text(const GeneBar& bar) {
  std::string text = fmt::format("{}, {}: {}", bar.gene, bar.modality, difference_text(bar.mean));
  if (std::isfinite(bar.ci_low) && std::isfinite(bar.ci_high))
    text += fmt::format(", 95 % interval {} to {}", difference_text(bar.ci_low),
                        difference_text(bar.ci_high));
  return text;
}

int place_of(const std::string& modality, const std::vector<std::string>& modalities) {
  const auto found = std::find(modalities.begin(), modalities.end(), modality);
  return static_cast<int>(found - modalities.begin());
}

std::string draw_bar(const GeneBar& bar, const PlotFrame& frame, const Scale& x, double y,
                     int modality) {
  const double left = std::min(x(0), x(bar.mean)), right = std::max(x(0), x(bar.mean));
  std::string out = fmt::format(
      "<text class=\"row-name\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n"
      "<rect class=\"mark mark-gene {}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" "
      "data-value=\"{}\">{}</rect>\n",
      pixels(frame.left - 8), pixels(y + 4), escape_html(shorten(bar.gene, 15)),
      colour_class(modality), pixels(left), pixels(y - kBarHeight / 2),
      pixels(std::max(0.5, right - left)), pixels(kBarHeight), exact_text(bar.mean),
      hover_title(bar_text(bar)));
  if (std::isfinite(bar.ci_low) && std::isfinite(bar.ci_high))
    out += fmt::format(
        "<line class=\"whisker\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\" "
        "pointer-events=\"none\"/>\n",
        pixels(x(bar.ci_low)), pixels(x(bar.ci_high)), pixels(y), pixels(y));
  return out;
}

}  // namespace

AxisRange gene_range(const std::vector<GenePanel>& panels) {
  AxisRange range = {0, 0};
  for (const auto& panel : panels)
    for (const auto& bar : panel.genes)
      for (const double value : {bar.mean, bar.ci_low, bar.ci_high}) {
        if (!std::isfinite(value)) continue;
        range.low = std::min(range.low, value);
        range.high = std::max(range.high, value);
      }
  if (!(range.low < range.high)) return {-1, 1};
  const double margin = 0.03 * (range.high - range.low);
  return {range.low < 0 ? range.low - margin : 0, range.high > 0 ? range.high + margin : 0};
}

std::string draw_gene_bars(const GenePanel& panel, const AxisRange& range,
                           const std::vector<std::string>& modalities, const std::string& title) {
  PlotFrame frame;
  frame.left = 118;
  frame.top = 4;
  frame.height = frame.top + kRowHeight * static_cast<double>(panel.genes.size()) + frame.bottom;
  const Scale x = frame.x_scale(range.low, range.high);
  std::string label = fmt::format("Strongest genes, {}.", panel.name);
  for (const auto& bar : panel.genes) label += " " + bar_text(bar) + ".";
  std::string out = open_svg(frame.width, frame.height, "gene-plot", label);
  out += draw_x_axis(frame, x, title);
  double y = frame.top + kRowHeight / 2;
  for (const auto& bar : panel.genes) {
    if (std::isfinite(bar.mean))
      out += draw_bar(bar, frame, x, y, place_of(bar.modality, modalities));
    y += kRowHeight;
  }
  out += fmt::format("<line class=\"zero\" x1=\"{0}\" x2=\"{0}\" y1=\"{1}\" y2=\"{2}\"/>\n",
                     pixels(x(0)), pixels(frame.top), pixels(frame.height - frame.bottom));
  return out + "</svg>\n";
}

}  // namespace cohesin
