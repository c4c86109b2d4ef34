// The sections made of survival: risk groups, and scores by cohort.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cohesin/report/html_text.h"
#include "cohesin/report/page_sections.h"
#include "cohesin/report/plot_frame.h"
#include "cohesin/report/survival_plot.h"

namespace cohesin {
namespace {

std::string p_value_text(double p) {
  if (!std::isfinite(p)) return "p not defined";
  return p < 1e-4 ? fmt::format("p = {:.1e}", p) : fmt::format("p = {:.4f}", p);
}

std::string group_legend(const SurvivalFigure& figure) {
  std::string out = "<div class=\"legend\">";
  for (size_t g = 0; g < figure.curves.size(); ++g)
    out += fmt::format(
        "<span class=\"key\"><i class=\"b{}\"></i>{} risk ({} samples, {} events)</span>",
        colour_class(static_cast<int>(g)), escape_html(figure.curves[g].name),
        count_text(figure.curves[g].num_samples), count_text(figure.curves[g].num_events));
  return out + "</div>\n";
}

const ScoreSummary* find(const MethodScores& method, const std::string& metric) {
  for (const auto& score : method.scores)
    if (score.metric == metric) return &score;
  return nullptr;
}

// One row a method, one column a cohort; empty without cohorts.
std::string cohort_table(const ReportCondition& condition) {
  const std::string prefix = "c_index:";
  std::vector<std::string> cohorts;
  for (const auto& method : condition.methods)
    for (const auto& score : method.scores)
      if (score.metric.rfind(prefix, 0) == 0 &&
          std::find(cohorts.begin(), cohorts.end(), score.metric) == cohorts.end())
        cohorts.push_back(score.metric);
  if (cohorts.empty()) return "";
  std::string out = fmt::format(
      "<h3>C-index within each cohort, {}</h3>\n<div class=\"wide\"><table class=\"scores\"><thead>"
      "<tr><th scope=\"col\">Method</th>",
      escape_html(condition.name));
  for (const auto& cohort : cohorts)
    out += fmt::format("<th scope=\"col\">{}</th>", escape_html(cohort.substr(prefix.size())));
  out += "</tr></thead>\n<tbody>";
  for (const auto& method : condition.methods) {
    out += fmt::format("<tr{}><th scope=\"row\">{}</th>",
                       method.is_baseline ? "" : " class=\"model\"", escape_html(method.name));
    for (const auto& cohort : cohorts) {
      const ScoreSummary* score = find(method, cohort);
      out += "<td>" + score_text(score == nullptr ? kNotANumber : score->mean) + "</td>";
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace

PageSection survival_section(const ReportData& data) {
  PageSection section{"survival", "Survival", "", ""};
  std::string figures, cohorts;
  for (const auto& figure : data.survival)
    figures += figure_html(figure.name, draw_survival(figure) + group_legend(figure),
                           "log-rank " + p_value_text(figure.log_rank_p));
  for (const auto& condition : data.conditions)
    if (condition.is_main) cohorts += cohort_table(condition);
  if (figures.empty() && cohorts.empty()) {
    if (data.task == "survival")
      section.absence =
          "The predictions have no column 'risk_group', so there are no curves by risk group.";
    return section;
  }
  if (!figures.empty())
    figures = fmt::format("<div class=\"plots{}\">{}</div>\n",
                          data.survival.size() == 1 ? " single" : "", figures);
  section.html = section_html(
      section, "Survival by risk group",
      figures.empty()
          ? ""
          : "Held-out samples of all folds, in thirds of risk: the cut-offs are those of the "
            "training samples of each fold, so the groups need not be of equal size. Bands: 95 % "
            "(Greenwood, log-log); small ticks: censored; the log-rank test compares all groups.",
      figures + cohorts);
  return section;
}

}  // namespace cohesin
