#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cohesin {

// The parts that all plots share: a drawing area with linear axes, as SVG text. Colours and fonts
// come from the page's style sheet by class, so that one drawing serves light, dark and print.
// Lengths are SVG user units; a drawing is about as wide as a phone and grows with its column.

// A linear map from values to drawing coordinates.
struct Scale {
  double low = 0, high = 1;
  double from = 0, to = 1;
  double operator()(double value) const {
    return from + (value - low) / (high - low) * (to - from);
  }
};

struct PlotFrame {
  double width = 360, height = 300;
  double left = 46, right = 12, top = 12, bottom = 40;  // margins
  Scale x_scale(double low, double high) const { return {low, high, left, width - right}; }
  Scale y_scale(double low, double high) const { return {low, high, height - bottom, top}; }
};

// Round numbers (1, 2, 5 times a power of ten) inside [low, high], about `wanted` of them.
std::vector<double> round_ticks(double low, double high, int wanted);

// Text of a tick whose neighbours are `step` away: just enough decimals.
std::string tick_text(double value, double step);

// <svg> with its viewBox and a label for screen readers; `kind` becomes a class of the element.
std::string open_svg(double width, double height, std::string_view kind, std::string_view label);

// Grid lines, tick labels and axis titles.
std::string draw_axes(const PlotFrame& frame, const Scale& x, const Scale& y,
                      std::string_view x_title, std::string_view y_title);

// The bottom axis alone: grid lines over the whole height, tick labels and a title.
std::string draw_x_axis(const PlotFrame& frame, const Scale& x, std::string_view title);

// The path data "M..L.." of the finite stretches of a line; NaN leaves a gap.
std::string path_data(const std::vector<double>& x, const std::vector<double>& y);

// <title> with escaped text: what hovering shows.
std::string hover_title(std::string_view text);

// Attributes of a line plot from which the page's script reads values off a path: the frame's
// limits in drawing and in value coordinates.
std::string value_attributes(const Scale& x, const Scale& y, std::string_view x_name,
                             std::string_view y_name);

// "c0" ... "c7": the style class of a category's colour.
std::string colour_class(int index);

}  // namespace cohesin
