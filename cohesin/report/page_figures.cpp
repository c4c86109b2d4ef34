// The sections made of pictures: classes, confusion, ROC, calibration, training, embeddings.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cohesin/report/heat_map.h"
#include "cohesin/report/html_text.h"
#include "cohesin/report/line_plots.h"
#include "cohesin/report/page_sections.h"
#include "cohesin/report/plot_frame.h"
#include "cohesin/report/scatter_plot.h"

namespace cohesin {
namespace {

std::string class_legend(const std::vector<std::string>& classes, const std::string& extra) {
  std::string out = "<div class=\"legend\">";
  for (size_t k = 0; k < classes.size(); ++k)
    out += fmt::format(
        "<button type=\"button\" class=\"key\" data-class=\"{0}\" aria-pressed=\"true\">"
        "<i class=\"b{1} shape{2}\"></i>{3}</button>",
        k, colour_class(static_cast<int>(k)), (k / 8) % 4, escape_html(classes[k]));
  return out + extra + "</div>\n";
}

std::string grid_html(const std::string& figures, size_t count) {
  return fmt::format("<div class=\"plots{}\">{}</div>\n", count == 1 ? " single" : "", figures);
}

std::string ratio_text(int64_t part, int64_t whole) {
  return whole == 0 ? "n/a" : score_text(static_cast<double>(part) / static_cast<double>(whole));
}

std::string auc_text(const ReportCondition& condition, int class_index) {
  for (const auto& line : condition.roc)
    if (line.class_index == class_index) return score_text(line.auc);
  return "n/a";
}

// Recall, precision and F1 of each class, read off the matrix above it.
std::string class_table(const ReportCondition& condition, const std::vector<std::string>& classes) {
  std::string out = fmt::format(
      "<h3>Each class, {}</h3>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\">Class</th>"
      "<th scope=\"col\">Samples</th><th scope=\"col\">Predicted</th><th scope=\"col\">Recall</th>"
      "<th scope=\"col\">Precision</th><th scope=\"col\">F1</th><th scope=\"col\">AUC</th></tr>"
      "</thead>\n<tbody>",
      escape_html(condition.name));
  const auto& counts = condition.confusion.counts;
  for (size_t k = 0; k < classes.size(); ++k) {
    int64_t truth = 0, predicted = 0;
    for (size_t j = 0; j < classes.size(); ++j) {
      truth += counts[k][j];
      predicted += counts[j][k];
    }
    out += fmt::format(
        "<tr><th scope=\"row\"><i class=\"b{}\"></i>{}</th><td>{}</td><td>{}</td><td>{}</td>"
        "<td>{}</td><td>{}</td><td>{}</td></tr>\n",
        colour_class(static_cast<int>(k)), escape_html(classes[k]), count_text(truth),
        count_text(predicted), ratio_text(counts[k][k], truth), ratio_text(counts[k][k], predicted),
        ratio_text(2 * counts[k][k], truth + predicted), auc_text(condition, static_cast<int>(k)));
  }
  return out + "</tbody></table></div>\n";
}

std::string panel_note(const EmbeddingPanel& panel) {
  std::string note;
  if (std::isfinite(panel.same_class))
    note = "nearest neighbour of the same class: " + percent_text(panel.same_class);
  if (std::isfinite(panel.same_fold))
    note += fmt::format("{}of the same fold: {} ({} by chance)", note.empty() ? "" : ", ",
                        percent_text(panel.same_fold), percent_text(panel.same_fold_by_chance));
  if (static_cast<int64_t>(panel.points.size()) < panel.num_samples)
    note += fmt::format("{}{} of {} samples drawn", note.empty() ? "" : "; ", panel.points.size(),
                        count_text(panel.num_samples));
  return note;
}

bool has_counts(const ReportCondition& condition) { return !condition.confusion.counts.empty(); }

std::string right_phrase(const ReportCondition& condition) {
  int64_t right = 0;
  const auto& counts = condition.confusion.counts;
  for (size_t k = 0; k < counts.size(); ++k) right += counts[k][k];
  return fmt::format("{} of {} right", count_text(right), count_text(condition.num_samples));
}

std::string mean_auc_phrase(const ReportCondition& condition) {
  double sum = 0;
  for (const auto& line : condition.roc) sum += line.auc;
  const double mean = sum / static_cast<double>(condition.roc.size());
  return condition.roc.size() > 1 ? "mean AUC " + score_text(mean) : "AUC " + score_text(mean);
}

}  // namespace

PageSection classes_section(const ReportData& data) {
  PageSection section{"classes", "Classes", "", ""};
  if (data.classes.empty()) return section;
  const int64_t total =
      std::accumulate(data.classes.begin(), data.classes.end(), int64_t{0},
                      [](int64_t sum, const auto& entry) { return sum + entry.second; });
  section.html = section_html(section, "Classes",
                              fmt::format("{} samples with a known label{}.", count_text(total),
                                          data.target.empty() ? "" : " in '" + data.target + "'"),
                              grid_html(figure_html("", draw_class_counts(data.classes), ""), 1));
  return section;
}

PageSection confusion_section(const ReportData& data) {
  PageSection section{"confusion", "Confusion", "", ""};
  const auto classes = class_names(data);
  if (!classes.empty()) section.absence = "There are no labelled predictions to count.";
  std::string figures, tables;
  size_t count = 0;
  for (const auto& condition : data.conditions) {
    if (!has_counts(condition)) continue;
    figures += figure_html(condition.name, draw_confusion(condition.confusion, classes),
                           right_phrase(condition));
    if (++count == 1) tables = class_table(condition, classes);
  }
  if (count == 0) return section;
  section.html = section_html(section, "Confusion matrix",
                              "Rows are the true class, columns the predicted one; the tint is "
                              "the share of the row. Each sample is counted in the fold that "
                              "held it out.",
                              grid_html(figures, count) + tables);
  return section;
}

PageSection roc_section(const ReportData& data) {
  PageSection section{"roc", "ROC", "", ""};
  const auto classes = class_names(data);
  if (!classes.empty()) section.absence = "There are no class probabilities, so there is no ROC.";
  std::string figures;
  size_t count = 0;
  for (const auto& condition : data.conditions) {
    if (condition.roc.empty()) continue;
    figures +=
        figure_html(condition.name, draw_roc(condition.roc, classes), mean_auc_phrase(condition));
    ++count;
  }
  if (count == 0) return section;
  section.html = section_html(section, "ROC curves",
                              "Each class against the rest, on the held-out predictions of all "
                              "folds together; the scores above are means over folds and may "
                              "differ. Point at a curve to read it.",
                              class_legend(classes, "") + grid_html(figures, count));
  return section;
}

PageSection calibration_section(const ReportData& data) {
  PageSection section{"calibration", "Calibration", "", ""};
  if (!data.classes.empty())
    section.absence = "There are no class probabilities, so calibration cannot be judged.";
  std::string figures;
  size_t count = 0;
  for (const auto& condition : data.conditions) {
    if (condition.reliability.empty()) continue;
    figures += figure_html(condition.name, draw_reliability(condition.reliability),
                           "calibration error " + score_text(condition.calibration_error));
    ++count;
  }
  if (count == 0) return section;
  section.html = section_html(
      section, "Calibration",
      "Does 80 % confidence mean right in 80 %? Points on the diagonal say yes, points below it "
      "that the model is too sure of itself. Whiskers are 95 % intervals, grey bars count the "
      "samples at each confidence. The error is that of all folds together.",
      grid_html(figures, count));
  return section;
}

PageSection training_section(const ReportData& data) {
  PageSection section{"training", "Training", "",
                      "No training log was found, so there are no "
                      "training curves."};
  std::vector<std::string> stages;
  for (const auto& curve : data.curves)
    if (std::find(stages.begin(), stages.end(), curve.stage) == stages.end())
      stages.push_back(curve.stage);
  std::string figures;
  for (const auto& stage : stages) {
    std::vector<TrainingCurve> curves;
    for (const auto& curve : data.curves)
      if (curve.stage == stage) curves.push_back(curve);
    figures += figure_html(stage, draw_training(curves),
                           fmt::format("{} run{}", curves.size(), curves.size() == 1 ? "" : "s"));
  }
  if (stages.empty()) return section;
  const bool validated =
      std::any_of(data.curves.begin(), data.curves.end(), [](const TrainingCurve& curve) {
        return std::any_of(curve.validation_loss.begin(), curve.validation_loss.end(),
                           [](double loss) { return std::isfinite(loss); });
      });
  std::string legend =
      "<div class=\"legend\"><span class=\"key\"><i class=\"line train\"></i>training loss</span>";
  if (validated)
    legend +=
        "<span class=\"key\"><i class=\"line validation\"></i>validation loss</span>"
        "<span class=\"key\"><i class=\"dot\"></i>lowest validation loss of a run</span>";
  section.html = section_html(
      section, "Training",
      std::string("The loss of every run against its optimizer steps.") +
          (validated ? " The validation part is drawn from the training samples; the test fold "
                       "takes no part in it."
                     : ""),
      legend + "</div>\n" + grid_html(figures, stages.size()));
  return section;
}

PageSection embedding_section(const ReportData& data) {
  PageSection section{"embedding", "Embeddings", "",
                      "No embeddings were found, so there is no map of them."};
  const auto classes = class_names(data);
  std::string figures;
  bool some_wrong = false, some_unknown = false;
  for (const auto& panel : data.embeddings) {
    const std::string note = panel_note(panel);
    figures += figure_html(panel.name.empty() ? "all samples" : panel.name,
                           draw_embedding(panel, classes), note);
    for (const auto& point : panel.points) {
      some_unknown = some_unknown || point.class_index < 0;
      some_wrong = some_wrong || (point.class_index >= 0 && point.predicted_index >= 0 &&
                                  point.predicted_index != point.class_index);
    }
  }
  if (data.embeddings.empty()) return section;
  std::string extra;
  if (some_wrong) extra += "<span class=\"key\"><i class=\"ring\"></i>predicted wrongly</span>";
  if (some_unknown) extra += "<span class=\"key\"><i class=\"bunknown\"></i>label unknown</span>";
  section.html =
      section_html(section, "Map of the embeddings", data.embedding_note,
                   class_legend(classes, extra) + grid_html(figures, data.embeddings.size()));
  return section;
}

}  // namespace cohesin
