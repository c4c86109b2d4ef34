#include "cohesin/report/plot_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cohesin/report/html_text.h"

namespace cohesin {
namespace {

double round_step(double span, int wanted) {
  const double rough = span / std::max(1, wanted);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (rough <= factor * power * 1.0001) return factor * power;
  return 10 * power;
}

double step_of(const std::vector<double>& ticks) {
  return ticks.size() > 1 ? ticks[1] - ticks[0] : 1.0;
}

}  // namespace

std::vector<double> round_ticks(double low, double high, int wanted) {
  if (!(high > low) || !std::isfinite(high - low)) return {low};
  const double step = round_step(high - low, wanted);
  std::vector<double> ticks;
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1)
    ticks.push_back(k == 0 ? 0.0 : k * step);
  return ticks;
}

std::string tick_text(double value, double step) {
  if (std::abs(value) >= 10000 && std::fmod(value, 1000) == 0)
    return fmt::format("{:.0f}k", value / 1000);
  const int decimals =
      step <= 0 ? 0 : std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-6)), 0, 6);
  return fmt::format("{:.{}f}", value, decimals);
}

std::string open_svg(double width, double height, std::string_view kind, std::string_view label) {
  return fmt::format(
      "<svg class=\"plot {}\" viewBox=\"0 0 {} {}\" role=\"img\" tabindex=\"0\" "
      "aria-label=\"{}\">\n",
      kind, pixels(width), pixels(height), escape_html(label));
}

std::string draw_x_axis(const PlotFrame& frame, const Scale& x, std::string_view title) {
  const double bottom = frame.height - frame.bottom;
  const auto ticks = round_ticks(x.low, x.high, 5);
  std::string out;
  for (const double tick : ticks) {
    const std::string at = pixels(x(tick));
    out += fmt::format("<line class=\"grid\" x1=\"{0}\" x2=\"{0}\" y1=\"{1}\" y2=\"{2}\"/>", at,
                       pixels(frame.top), pixels(bottom));
    out += fmt::format("<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                       at, pixels(bottom + 15), tick_text(tick, step_of(ticks)));
  }
  if (!title.empty())
    out += fmt::format(
        "<text class=\"axis-title\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
        pixels((x.from + x.to) / 2), pixels(bottom + 33), escape_html(title));
  return out;
}

std::string draw_axes(const PlotFrame& frame, const Scale& x, const Scale& y,
                      std::string_view x_title, std::string_view y_title) {
  std::string out = draw_x_axis(frame, x, x_title);
  const auto ticks = round_ticks(y.low, y.high, 5);
  for (const double tick : ticks) {
    const double at = y(tick);
    out += fmt::format("<line class=\"grid\" x1=\"{1}\" x2=\"{2}\" y1=\"{0}\" y2=\"{0}\"/>",
                       pixels(at), pixels(frame.left), pixels(frame.width - frame.right));
    out += fmt::format("<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
                       pixels(frame.left - 6), pixels(at + 4), tick_text(tick, step_of(ticks)));
  }
  const double middle = (y.from + y.to) / 2;
  out += fmt::format(
      "<text class=\"axis-title\" x=\"12\" y=\"{0}\" text-anchor=\"middle\" "
      "transform=\"rotate(-90 12 {0})\">{1}</text>\n",
      pixels(middle), escape_html(y_title));
  out += fmt::format("<line class=\"axis\" x1=\"{0}\" x2=\"{1}\" y1=\"{2}\" y2=\"{2}\"/>\n",
                     pixels(frame.left), pixels(frame.width - frame.right),
                     pixels(frame.height - frame.bottom));
  return out;
}

std::string path_data(const std::vector<double>& x, const std::vector<double>& y) {
  std::string out;
  bool pen_down = false;
  for (size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    if (!std::isfinite(x[i]) || !std::isfinite(y[i])) {
      pen_down = false;
      continue;
    }
    out += fmt::format("{}{} {}", pen_down ? 'L' : 'M', pixels(x[i]), pixels(y[i]));
    pen_down = true;
  }
  return out;
}

std::string hover_title(std::string_view text) {
  return "<title>" + escape_html(text) + "</title>";
}

std::string value_attributes(const Scale& x, const Scale& y, std::string_view x_name,
                             std::string_view y_name) {
  return fmt::format(
      " data-x=\"{} {} {} {}\" data-y=\"{} {} {} {}\" data-x-name=\"{}\" data-y-name=\"{}\"",
      exact_text(x.low), exact_text(x.high), pixels(x.from), pixels(x.to), exact_text(y.low),
      exact_text(y.high), pixels(y.from), pixels(y.to), escape_html(x_name), escape_html(y_name));
}

std::string colour_class(int index) { return fmt::format("c{}", index % 8); }

}  // namespace cohesin
