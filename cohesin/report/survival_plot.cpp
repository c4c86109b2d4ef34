#include "cohesin/report/survival_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cohesin/report/html_text.h"
#include "cohesin/report/plot_frame.h"

namespace cohesin {
namespace {

constexpr double kDaysAYear = 365.25, kRowHeight = 15;

// A step function as a polyline: each value holds until the next time.
void add_steps(const std::vector<double>& time, const std::vector<double>& value, const Scale& x,
               const Scale& y, std::vector<double>& px, std::vector<double>& py) {
  for (size_t i = 0; i < time.size(); ++i) {
    if (!std::isfinite(value[i])) continue;
    const double at = x(std::min(time[i] / kDaysAYear, x.high));
    if (!py.empty()) {
      px.push_back(at);
      py.push_back(py.back());
    }
    px.push_back(at);
    py.push_back(y(value[i]));
    if (time[i] / kDaysAYear >= x.high) return;
  }
}

std::string draw_band(const SurvivalCurve& curve, const Scale& x, const Scale& y, int colour) {
  std::vector<double> lower_x, lower_y, upper_x, upper_y;
  add_steps(curve.curve.time, curve.curve.lower, x, y, lower_x, lower_y);
  add_steps(curve.curve.time, curve.curve.upper, x, y, upper_x, upper_y);
  if (lower_x.empty() || upper_x.empty()) return "";
  std::reverse(lower_x.begin(), lower_x.end());
  std::reverse(lower_y.begin(), lower_y.end());
  upper_x.insert(upper_x.end(), lower_x.begin(), lower_x.end());
  upper_y.insert(upper_y.end(), lower_y.begin(), lower_y.end());
  return fmt::format("<path class=\"km-band {}\" d=\"{}Z\"/>\n", colour_class(colour),
                     path_data(upper_x, upper_y));
}

std::string draw_censored(const SurvivalCurve& curve, const Scale& x, const Scale& y, int colour) {
  std::string d;
  const KaplanMeier& km = curve.curve;
  for (size_t i = 0; i < km.time.size(); ++i) {
    const double years = km.time[i] / kDaysAYear;
    if (km.censored[i] == 0 || years > x.high) continue;
    d += fmt::format("M{} {}v6", pixels(x(years)), pixels(y(km.survival[i]) - 3));
  }
  return d.empty()
             ? ""
             : fmt::format("<path class=\"km-censored s{}\" d=\"{}\"/>\n", colour_class(colour), d);
}

std::string draw_curve(const SurvivalCurve& curve, const Scale& x, const Scale& y, int colour) {
  std::vector<double> px, py;
  add_steps(curve.curve.time, curve.curve.survival, x, y, px, py);
  const double median = curve.curve.median();
  const std::string hover = fmt::format(
      "{}: {} samples, {} events, median {}", curve.name, count_text(curve.num_samples),
      count_text(curve.num_events),
      std::isfinite(median) ? fmt::format("{:.1f} years", median / kDaysAYear) : "not reached");
  return fmt::format(
      "<path class=\"mark mark-roc s{}\" data-class=\"{}\" data-name=\"{}\" d=\"{}\">{}</path>\n",
      colour_class(colour), colour, escape_html(curve.name), path_data(px, py), hover_title(hover));
}

int64_t at_risk(const KaplanMeier& km, double days) {
  for (size_t i = 0; i < km.time.size(); ++i)
    if (km.time[i] >= days) return km.at_risk[i];
  return 0;
}

// The follow-up of the last but a few samples: beyond it curves say nothing.
double last_year(const SurvivalFigure& figure) {
  double last = 0;
  for (const auto& curve : figure.curves) {
    const KaplanMeier& km = curve.curve;
    for (size_t i = 0; i < km.time.size(); ++i)
      if (km.at_risk[i] >= std::min<int64_t>(3, curve.num_samples))
        last = std::max(last, km.time[i] / kDaysAYear);
  }
  return std::max(last, 0.1);
}

}  // namespace

std::string draw_survival(const SurvivalFigure& figure) {
  PlotFrame frame;
  frame.left = 62;
  frame.height = 300;
  const Scale x = frame.x_scale(0, last_year(figure)), y = frame.y_scale(0, 1);
  const double table = frame.height + 6;
  const double height = table + kRowHeight * static_cast<double>(figure.curves.size() + 1) + 4;
  std::string out = open_svg(frame.width, height, "line-plot",
                             "Kaplan-Meier curves of the risk groups, with the number at risk");
  out.insert(out.size() - 2, value_attributes(x, y, "years", "survival"));
  out += draw_axes(frame, x, y, "years", "probability to be event-free");
  for (size_t g = 0; g < figure.curves.size(); ++g)
    out += draw_band(figure.curves[g], x, y, static_cast<int>(g));
  for (size_t g = 0; g < figure.curves.size(); ++g) {
    out += draw_censored(figure.curves[g], x, y, static_cast<int>(g));
    out += draw_curve(figure.curves[g], x, y, static_cast<int>(g));
  }
  out += fmt::format("<text class=\"label\" x=\"4\" y=\"{}\">at risk</text>\n",
                     pixels(table + kRowHeight - 3));
  for (size_t g = 0; g < figure.curves.size(); ++g) {
    const double base = table + kRowHeight * static_cast<double>(g + 2) - 3;
    out += fmt::format("<text class=\"label\" x=\"4\" y=\"{}\">{}</text>", pixels(base),
                       escape_html(shorten(figure.curves[g].name, 8)));
    for (const double tick : round_ticks(0, x.high, 5))
      out += fmt::format("<text class=\"tick\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text>",
                         pixels(x(tick)), pixels(base),
                         count_text(at_risk(figure.curves[g].curve, tick * kDaysAYear)));
    out += '\n';
  }
  return out + "</svg>\n";
}

}  // namespace cohesin
