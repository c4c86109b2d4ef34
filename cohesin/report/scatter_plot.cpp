#include "cohesin/report/scatter_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cohesin/report/html_text.h"
#include "cohesin/report/plot_frame.h"

namespace cohesin {
namespace {

constexpr double kSide = 360, kMargin = 14;

struct Window {
  Scale x, y;
  double height;
};

// One scale for both axes, so that distances keep their proportions; as wide as it may be, and as
// high as the points need.
Window fit_window(const std::vector<EmbeddingPoint>& points) {
  double x_low = points[0].x, x_high = x_low, y_low = points[0].y, y_high = y_low;
  for (const auto& point : points) {
    x_low = std::min(x_low, point.x);
    x_high = std::max(x_high, point.x);
    y_low = std::min(y_low, point.y);
    y_high = std::max(y_high, point.y);
  }
  const double span = std::max({x_high - x_low, y_high - y_low, 1e-9});
  const double unit = (kSide - 2 * kMargin) / span;
  const double height = std::clamp((y_high - y_low) * unit + 2 * kMargin, 0.5 * kSide, kSide);
  const double x_mid = (x_low + x_high) / 2, y_mid = (y_low + y_high) / 2;
  const double half = span / 2, half_height = (height - 2 * kMargin) / unit / 2;
  return {{x_mid - half, x_mid + half, kMargin, kSide - kMargin},
          {y_mid - half_height, y_mid + half_height, height - kMargin, kMargin},
          height};
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Beyond the eight colours the shape tells classes apart: circle, square, diamond, triangle.
std::string draw_shape(int class_index, double x, double y, double r, const std::string& rest) {
  switch (class_index < 0 ? 0 : (class_index / 8) % 4) {
    case 1:
      return fmt::format("<rect{} x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", rest,
                         pixels(x - 0.88 * r), pixels(y - 0.88 * r), pixels(1.76 * r),
                         pixels(1.76 * r));
    case 2:
      return fmt::format("<path{} d=\"M{} {}l{} {}l{} {}l{} {}z\"", rest, pixels(x),
                         pixels(y - 1.25 * r), pixels(1.25 * r), pixels(1.25 * r),
                         pixels(-1.25 * r), pixels(1.25 * r), pixels(-1.25 * r), pixels(-1.25 * r));
    case 3:
      return fmt::format("<path{} d=\"M{} {}l{} {}h{}z\"", rest, pixels(x), pixels(y - 1.2 * r),
                         pixels(1.25 * r), pixels(2.1 * r), pixels(-2.5 * r));
    default:
      return fmt::format("<circle{} cx=\"{}\" cy=\"{}\" r=\"{}\"", rest, pixels(x), pixels(y),
                         pixels(r));
  }
}

std::string point_text(const EmbeddingPoint& point, const std::vector<std::string>& classes) {
  std::string text = point.sample + ": ";
  text += point.class_index < 0 ? "label unknown" : classes[static_cast<size_t>(point.class_index)];
  if (point.predicted_index >= 0)
    text += ", predicted " + classes[static_cast<size_t>(point.predicted_index)];
  return text;
}

std::string draw_point(const EmbeddingPoint& point, const Window& window, double radius,
                       const std::vector<std::string>& classes) {
  const int k = point.class_index;
  const bool wrong = k >= 0 && point.predicted_index >= 0 && point.predicted_index != k;
  const std::string rest =
      fmt::format(" class=\"mark mark-point {}{}\" data-class=\"{}\"",
                  k < 0 ? std::string("unknown") : (wrong ? "s" : "") + colour_class(k),
                  wrong ? " wrong" : "", k);
  return draw_shape(k, window.x(point.x), window.y(point.y), radius, rest) + ">" +
         hover_title(point_text(point, classes)) +
         (k < 0 || (k / 8) % 4 == 0 ? "</circle>\n"
                                    : ((k / 8) % 4 == 1 ? "</rect>\n" : "</path>\n"));
}

struct NamePlace {
  size_t class_index;
  double x, y, half_width;
};

// Moves names down that would cover one above them.
void spread(std::vector<NamePlace>& places) {
  constexpr double kLine = 15;
  std::stable_sort(places.begin(), places.end(),
                   [](const NamePlace& a, const NamePlace& b) { return a.y < b.y; });
  for (size_t i = 1; i < places.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      const bool beside =
          std::abs(places[i].x - places[j].x) > places[i].half_width + places[j].half_width;
      if (!beside && places[i].y - places[j].y < kLine && places[i].y > places[j].y - kLine)
        places[i].y = places[j].y + kLine;
    }
}

std::string draw_class_names(const EmbeddingPanel& panel, const Window& window,
                             const std::vector<std::string>& classes) {
  std::vector<NamePlace> places;
  for (size_t k = 0; k < classes.size(); ++k) {
    std::vector<double> xs, ys;
    for (const auto& point : panel.points) {
      if (point.class_index != static_cast<int>(k)) continue;
      xs.push_back(window.x(point.x));
      ys.push_back(window.y(point.y));
    }
    const double half_width = 4.0 * std::min(16, count_characters(classes[k]));
    if (!xs.empty())
      places.push_back(
          {k, std::clamp(median(xs), half_width, kSide - half_width), median(ys), half_width});
  }
  spread(places);
  std::string out;
  for (const auto& place : places)
    out += fmt::format(
        "<text class=\"class-name\" data-class=\"{}\" x=\"{}\" y=\"{}\" "
        "text-anchor=\"middle\">{}</text>\n",
        place.class_index, pixels(place.x), pixels(std::min(place.y, window.height - 8) + 4),
        escape_html(shorten(classes[place.class_index], 16)));
  return out;
}

}  // namespace

std::string draw_embedding(const EmbeddingPanel& panel, const std::vector<std::string>& classes) {
  if (panel.points.empty()) return "";
  const Window window = fit_window(panel.points);
  const std::string label =
      fmt::format("Map of the embeddings of {} samples{}", panel.points.size(),
                  panel.name.empty() ? "" : ", " + panel.name);
  std::string out = open_svg(kSide, window.height, "scatter-plot", label);
  const double radius =
      std::clamp(52 / std::sqrt(static_cast<double>(panel.points.size())), 1.8, 4.2);
  for (const auto& point : panel.points) out += draw_point(point, window, radius, classes);
  // A name amid a class that is strewn over the map would claim a cloud that is not there.
  const bool strewn = panel.same_class < 0.6;
  if (classes.size() <= 12 && !strewn) out += draw_class_names(panel, window, classes);
  return out + "</svg>\n";
}

}  // namespace cohesin
