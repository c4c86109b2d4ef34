#include "cohesin/report/line_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cohesin/report/html_text.h"
#include "cohesin/report/plot_frame.h"

namespace cohesin {
namespace {

// A line has no more vertices than a drawing can show: points nearer than this are left out.
constexpr double kFinest = 0.4;

struct Polyline {
  std::vector<double> x, y;

  void add(double px, double py) {
    const bool finite = std::isfinite(px) && std::isfinite(py);
    if (finite && !x.empty() && std::hypot(px - x.back(), py - y.back()) < kFinest) return;
    x.push_back(px);
    y.push_back(py);
  }
};

std::string draw_line(const Polyline& line, const std::string& classes, const std::string& data,
                      const std::string& hover) {
  return fmt::format("<path class=\"mark {}\"{} d=\"{}\">{}</path>\n", classes, data,
                     path_data(line.x, line.y), hover_title(hover));
}

PlotFrame square_frame() {
  PlotFrame frame;
  frame.height = 342;
  return frame;
}

struct Share {
  double low, high;
};

// Wilson's score interval of a proportion (Wilson 1927), 95 %.
Share wilson_interval(double share, double count) {
  const double z = 1.959963984540054;
  const double centre = share + z * z / (2 * count);
  const double half = z * std::sqrt(share * (1 - share) / count + z * z / (4 * count * count));
  const double scale = 1 + z * z / count;
  return {std::max(0.0, (centre - half) / scale), std::min(1.0, (centre + half) / scale)};
}

std::string draw_reliability_bin(const ReliabilityBin& bin, const Scale& x, const Scale& y,
                                 int64_t largest, double floor_y) {
  const auto count = static_cast<double>(bin.count);
  const Share interval = wilson_interval(bin.accuracy, count);
  const std::string at = pixels(x(bin.mean_confidence));
  const std::string hover = fmt::format(
      "confidence {:.2f} to {:.2f}: {} samples, mean confidence {}, right {} "
      "(95 % interval {} to {})",
      bin.low, bin.high, count_text(bin.count), score_text(bin.mean_confidence),
      score_text(bin.accuracy), score_text(interval.low), score_text(interval.high));
  const double bar = 34 * count / static_cast<double>(largest);
  return fmt::format(
      "<rect class=\"mark mark-count\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\">{}</rect>"
      "<line class=\"whisker\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>"
      "<circle class=\"mark mark-calibration\" cx=\"{}\" cy=\"{}\" r=\"{}\">{}</circle>\n",
      pixels(x(bin.low) + 0.75), pixels(floor_y - bar), pixels(x(bin.high) - x(bin.low) - 1.5),
      pixels(bar), hover_title(hover), at, at, pixels(y(interval.low)), pixels(y(interval.high)),
      at, pixels(y(bin.accuracy)),
      pixels(3 + 4.5 * std::sqrt(count / static_cast<double>(largest))), hover_title(hover));
}

struct LossRange {
  double step = 1;
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

LossRange loss_range(const std::vector<TrainingCurve>& curves) {
  LossRange range;
  for (const auto& curve : curves) {
    for (const double step : curve.step)
      if (std::isfinite(step)) range.step = std::max(range.step, step);
    for (const auto* losses : {&curve.train_loss, &curve.validation_loss})
      for (const double loss : *losses) {
        if (!std::isfinite(loss)) continue;
        range.low = std::min(range.low, loss);
        range.high = std::max(range.high, loss);
      }
  }
  if (!(range.low <= range.high)) return {range.step, 0, 1};
  const double margin = std::max(0.05 * (range.high - range.low), 1e-3);
  const double low = range.low >= 0 ? std::max(0.0, range.low - margin) : range.low - margin;
  return {range.step, low, range.high + margin};
}

// Steps without this loss are skipped, so that a loss computed now and then is still one line.
Polyline loss_line(const std::vector<double>& step, const std::vector<double>& loss, const Scale& x,
                   const Scale& y) {
  Polyline line;
  for (size_t i = 0; i < std::min(step.size(), loss.size()); ++i)
    if (std::isfinite(loss[i])) line.add(x(step[i]), y(loss[i]));
  return line;
}

std::string draw_best(const TrainingCurve& curve, const Scale& x, const Scale& y) {
  int best = -1;
  for (size_t i = 0; i < curve.validation_loss.size(); ++i) {
    const double loss = curve.validation_loss[i];
    if (!std::isfinite(loss)) continue;
    if (best < 0 || loss < curve.validation_loss[static_cast<size_t>(best)])
      best = static_cast<int>(i);
  }
  if (best < 0) return "";
  const double step = curve.step[static_cast<size_t>(best)];
  const double loss = curve.validation_loss[static_cast<size_t>(best)];
  return fmt::format("<circle class=\"mark mark-best\" cx=\"{}\" cy=\"{}\" r=\"3.4\">{}</circle>\n",
                     pixels(x(step)), pixels(y(loss)),
                     hover_title(fmt::format("{}: lowest validation loss {} at step {}", curve.name,
                                             score_text(loss), exact_text(step))));
}

}  // namespace

std::string draw_roc(const std::vector<RocLine>& lines, const std::vector<std::string>& classes) {
  const PlotFrame frame = square_frame();
  const Scale x = frame.x_scale(0, 1), y = frame.y_scale(0, 1);
  std::string out =
      open_svg(frame.width, frame.height, "line-plot", "ROC curves, each class against the rest");
  out.insert(out.size() - 2, value_attributes(x, y, "false positive rate", "true positive rate"));
  out += draw_axes(frame, x, y, "false positive rate", "true positive rate");
  out += fmt::format("<line class=\"chance\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n",
                     pixels(x(0)), pixels(y(0)), pixels(x(1)), pixels(y(1)));
  for (const auto& line : lines) {
    Polyline drawn;
    for (size_t i = 0; i < line.false_positive_rate.size(); ++i)
      drawn.add(x(line.false_positive_rate[i]), y(line.true_positive_rate[i]));
    const std::string& name = classes[static_cast<size_t>(line.class_index)];
    out += draw_line(drawn, "mark-roc s" + colour_class(line.class_index),
                     fmt::format(" data-class=\"{}\" data-name=\"{}\" data-value=\"{}\"",
                                 line.class_index, escape_html(name), exact_text(line.auc)),
                     fmt::format("{}: AUC {}", name, score_text(line.auc)));
  }
  return out + "</svg>\n";
}

std::string draw_reliability(const std::vector<ReliabilityBin>& bins) {
  const PlotFrame frame = square_frame();
  const Scale x = frame.x_scale(0, 1), y = frame.y_scale(0, 1);
  int64_t largest = 1;
  for (const auto& bin : bins) largest = std::max(largest, bin.count);
  std::string out = open_svg(frame.width, frame.height, "line-plot",
                             "Reliability: share of right predictions against confidence");
  out += draw_axes(frame, x, y, "confidence of the prediction", "share that was right");
  out += fmt::format("<line class=\"chance\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n",
                     pixels(x(0)), pixels(y(0)), pixels(x(1)), pixels(y(1)));
  for (const auto& bin : bins)
    if (bin.count > 0) out += draw_reliability_bin(bin, x, y, largest, frame.height - frame.bottom);
  return out + "</svg>\n";
}

std::string draw_training(const std::vector<TrainingCurve>& curves) {
  PlotFrame frame;
  frame.left = 50;
  const LossRange range = loss_range(curves);
  const Scale x = frame.x_scale(0, range.step), y = frame.y_scale(range.low, range.high);
  std::string out = open_svg(frame.width, frame.height, "line-plot",
                             fmt::format("Loss against step, {} runs", curves.size()));
  out.insert(out.size() - 2, value_attributes(x, y, "step", "loss"));
  out += draw_axes(frame, x, y, "step", "loss");
  for (const auto& curve : curves) {
    const auto add = [&](const std::vector<double>& loss, const std::string& what,
                         const std::string& kind) {
      const Polyline line = loss_line(curve.step, loss, x, y);
      if (line.x.empty()) return;
      const std::string name = curve.name.empty() ? what : curve.name + ", " + what;
      out += draw_line(line, "mark-curve " + kind,
                       fmt::format(" data-name=\"{}\"", escape_html(name)), name);
    };
    add(curve.train_loss, "training", "train");
    add(curve.validation_loss, "validation", "validation");
  }
  for (const auto& curve : curves) out += draw_best(curve, x, y);
  return out + "</svg>\n";
}

}  // namespace cohesin
