// The headline and the table of all scores.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cohesin/report/html_text.h"
#include "cohesin/report/interval_plot.h"
#include "cohesin/report/page_sections.h"
#include "cohesin/report/verdict.h"

namespace cohesin {
namespace {

const MethodScores* model_of(const ReportCondition& condition) {
  for (const auto& method : condition.methods)
    if (!method.is_baseline) return &method;
  return nullptr;
}

std::string interval_phrase(const ScoreSummary& score, const char* separator) {
  std::string text;
  if (std::isfinite(score.ci_low) && std::isfinite(score.ci_high))
    text =
        fmt::format("95 % interval {} to {}", score_text(score.ci_low), score_text(score.ci_high));
  if (std::isfinite(score.sd))
    text += fmt::format("{}sd {} over {} folds", text.empty() ? "" : separator,
                        score_text(score.sd), score.folds.size());
  return text;
}

std::string versus_phrase(const ReportCondition& condition, const ReportData& data) {
  const auto differences = paired_differences(condition, data.primary_metric, data.test_share);
  if (differences.empty()) return "";
  const auto& best = differences[0];
  const std::string text = difference_text(best.mean);
  return fmt::format("<p class=\"versus\"><b class=\"{}\">{}</b> against {}, {}</p>",
                     text == "0.000" ? "level" : (best.mean < 0 ? "behind" : "ahead"), text,
                     escape_html(best.baseline),
                     differences.size() == 1 ? "the baseline" : "the best baseline");
}

std::string card_html(const ReportCondition& condition, const ReportData& data) {
  const MethodScores* model = model_of(condition);
  const ScoreSummary* score = model == nullptr ? nullptr : find_score(*model, data.primary_metric);
  if (score == nullptr) return "";
  return fmt::format(
      "<article class=\"card\"><h3>{}</h3>\n<p class=\"big\"><span class=\"headline\" "
      "data-metric=\"{}\" data-hidden=\"{}\" data-value=\"{}\">{}</span></p>\n"
      "<p class=\"sub\">{}</p>{}</article>\n",
      escape_html(condition.name), escape_html(score->metric), escape_html(condition.hidden),
      exact_text(score->mean), score_text(score->mean), interval_phrase(*score, "<br>"),
      versus_phrase(condition, data));
}

std::string verdict_html(const ReportCondition& condition, const ReportData& data) {
  const Verdict verdict = judge(condition, data.primary_metric, data.model, data.test_share);
  const char* kind = verdict.winner == Winner::kBaseline                    ? "baseline-wins"
                     : verdict.winner == Winner::kModel && verdict.is_clear ? "model-wins"
                                                                            : "undecided";
  return fmt::format(
      "<div class=\"verdict {}{}\"><p><span class=\"where\">{}</span><strong>{}</strong> "
      "{}</p></div>\n",
      kind, verdict.is_clear ? " clear" : "", escape_html(condition.name),
      escape_html(verdict.headline), escape_html(verdict.detail));
}

std::vector<IntervalRow> interval_rows(const ReportCondition& condition,
                                       const std::string& metric) {
  std::vector<IntervalRow> rows;
  for (const auto& method : condition.methods) {
    const ScoreSummary* score = find_score(method, metric);
    if (score == nullptr) continue;
    rows.push_back({method.name, score->mean, score->ci_low, score->ci_high, score->folds,
                    !method.is_baseline, false});
  }
  const double sign = is_lower_better(metric) ? -1 : 1;
  std::stable_sort(rows.begin(), rows.end(), [sign](const IntervalRow& a, const IntervalRow& b) {
    if (std::isnan(a.mean) || std::isnan(b.mean)) return !std::isnan(a.mean);
    return sign * a.mean > sign * b.mean;
  });
  if (!rows.empty() && std::isfinite(rows[0].mean)) rows[0].is_best = true;
  return rows;
}

// The rows of a plot are comparable only on one axis, so all conditions share it.
std::string interval_figures(const ReportData& data) {
  std::vector<IntervalRow> all;
  for (const auto& condition : data.conditions) {
    if (!condition.is_main) continue;
    for (auto& row : interval_rows(condition, data.primary_metric)) all.push_back(std::move(row));
  }
  if (all.empty()) return "";
  const AxisRange range = common_range(all);
  std::string out = "<div class=\"plots\">";
  for (const auto& condition : data.conditions) {
    const auto rows = interval_rows(condition, data.primary_metric);
    if (condition.is_main && !rows.empty())
      out += figure_html(condition.name,
                         draw_interval_plot(rows, range, metric_title(data.primary_metric)), "");
  }
  return out + "</div>\n";
}

std::vector<std::string> metric_columns(const ReportCondition& condition) {
  std::vector<std::string> metrics;
  for (const auto& method : condition.methods)
    for (const auto& score : method.scores)
      if (score.metric.find(':') == std::string::npos &&  // of one cohort: in a table of their own
          std::find(metrics.begin(), metrics.end(), score.metric) == metrics.end())
        metrics.push_back(score.metric);
  return metrics;
}

// The best mean of a column as it is printed, so that equal text is marked alike.
std::string best_text(const ReportCondition& condition, const std::string& metric) {
  double best = kNotANumber;
  for (const auto& method : condition.methods) {
    const ScoreSummary* score = find_score(method, metric);
    if (score == nullptr || !std::isfinite(score->mean)) continue;
    if (std::isnan(best) || (is_lower_better(metric) ? score->mean < best : score->mean > best))
      best = score->mean;
  }
  return std::isnan(best) ? "" : score_text(best);
}

std::string score_cell(const MethodScores& method, const std::string& metric,
                       const std::string& hidden, const std::string& best) {
  const ScoreSummary* score = find_score(method, metric);
  if (score == nullptr) return "<td>n/a</td>";
  const std::string text = score_text(score->mean);
  const std::string phrase = interval_phrase(*score, ", ");
  return fmt::format(
      "<td{}{}><span class=\"score\" data-method=\"{}\" data-metric=\"{}\" data-hidden=\"{}\" "
      "data-value=\"{}\">{}</span>{}</td>",
      text == best ? " class=\"best\"" : "",
      phrase.empty() ? "" : " data-tip=\"" + escape_html(phrase) + "\"", escape_html(method.name),
      escape_html(metric), escape_html(hidden), exact_text(score->mean), text,
      std::isfinite(score->sd) ? "<small>± " + score_text(score->sd) + "</small>" : "");
}

std::string modality_list(const std::string& modalities) {
  std::string text;
  for (const char c : modalities) text += c == ',' ? std::string(" + ") : std::string(1, c);
  return text;
}

std::string score_table(const ReportCondition& condition) {
  const auto metrics = metric_columns(condition);
  std::string out = fmt::format(
      "<h3>{}</h3>\n<div class=\"wide\"><table class=\"scores\"><thead>"
      "<tr><th scope=\"col\">Method</th>",
      escape_html(condition.name));
  std::vector<std::string> best;
  for (const auto& metric : metrics) {
    out += fmt::format("<th scope=\"col\">{}{}</th>", escape_html(metric_title(metric)),
                       is_lower_better(metric) ? "&nbsp;↓" : "");
    best.push_back(best_text(condition, metric));
  }
  out += "</tr></thead>\n<tbody>";
  const MethodScores* model = model_of(condition);
  const std::string usual = model == nullptr ? "" : model->modalities;
  for (const auto& method : condition.methods) {
    out +=
        fmt::format("<tr{}><th scope=\"row\">{}{}</th>",
                    method.is_baseline ? "" : " class=\"model\"", escape_html(method.name),
                    method.modalities == usual
                        ? ""
                        : "<small>" + escape_html(modality_list(method.modalities)) + "</small>");
    for (size_t k = 0; k < metrics.size(); ++k)
      out += score_cell(method, metrics[k], condition.hidden, best[k]);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

// The primary metric, a row a method, a column a condition: what a missing modality costs, beside
// models that never had it.
std::string missing_modality_table(const ReportData& data) {
  std::vector<const ReportCondition*> columns;
  for (const auto& condition : data.conditions)
    if (condition.is_main) columns.push_back(&condition);
  if (columns.size() < 2) return "";
  std::vector<std::string> methods;
  std::string out = fmt::format(
      "<h3>{} with a modality missing</h3>\n<div class=\"wide\"><table class=\"scores\"><thead>"
      "<tr><th scope=\"col\">Method</th>",
      escape_html(metric_title(data.primary_metric)));
  std::vector<std::string> best;
  for (const auto* condition : columns) {
    out += fmt::format("<th scope=\"col\">{}</th>", escape_html(condition->name));
    best.push_back(best_text(*condition, data.primary_metric));
    for (const auto& method : condition->methods)
      if (std::find(methods.begin(), methods.end(), method.name) == methods.end())
        methods.push_back(method.name);
  }
  out += "</tr></thead>\n<tbody>";
  for (const auto& name : methods) {
    std::string cells;
    bool is_baseline = true;
    for (size_t k = 0; k < columns.size(); ++k) {
      const auto found =
          std::find_if(columns[k]->methods.begin(), columns[k]->methods.end(),
                       [&name](const MethodScores& method) { return method.name == name; });
      if (found == columns[k]->methods.end()) {
        cells += "<td>n/a</td>";
        continue;
      }
      is_baseline = found->is_baseline;
      const ScoreSummary* score = find_score(*found, data.primary_metric);
      const std::string text = score == nullptr ? "n/a" : score_text(score->mean);
      cells += fmt::format("<td{}>{}{}</td>", text == best[k] ? " class=\"best\"" : "", text,
                           score != nullptr && std::isfinite(score->sd)
                               ? "<small>± " + score_text(score->sd) + "</small>"
                               : "");
    }
    out += fmt::format("<tr{}><th scope=\"row\">{}</th>{}</tr>\n",
                       is_baseline ? "" : " class=\"model\"", escape_html(name), cells);
  }
  return out +
         "</tbody></table></div>\n<p class=\"note\">Linear baselines fill a missing modality "
         "by ridge regression from those that are there; a name with a modality is a method "
         "that was trained on that one alone, shown where it is enough.</p>\n";
}

}  // namespace

PageSection headline_section(const ReportData& data) {
  PageSection section{"headline", "Headline", "", "There are no scores, so there is no headline."};
  std::string cards, verdicts;
  for (const auto& condition : data.conditions) {
    const std::string card = condition.is_main ? card_html(condition, data) : "";
    if (card.empty()) continue;
    cards += card;
    verdicts += verdict_html(condition, data);
  }
  std::string warnings;
  for (const auto& warning : data.warnings) warnings += "<li>" + escape_html(warning) + "</li>";
  if (!warnings.empty())
    warnings = "<div class=\"warnings\"><h3>Warnings</h3><ul>" + warnings + "</ul></div>\n";
  if (cards.empty() && warnings.empty()) return section;
  std::string body;
  if (!cards.empty()) body += "<div class=\"cards\">" + cards + "</div>\n" + verdicts;
  body += warnings + interval_figures(data);
  if (!cards.empty())
    body +=
        "<p class=\"note\">Large point: mean over the folds; bar: 95 % interval of it; small "
        "points: single folds; an arrow points to a mean beyond the axis, which all panels "
        "share. The best of several baselines is "
        "chosen on the same folds, which favours the baselines slightly; folds share "
        "training samples, and the paired intervals allow for it (Nadeau and Bengio "
        "2003).</p>\n";
  section.html = section_html(
      section, cards.empty() ? "Headline" : metric_title(data.primary_metric), "", body);
  return section;
}

PageSection scores_section(const ReportData& data) {
  PageSection section{"scores", "All scores", "", ""};
  std::string body = missing_modality_table(data);
  for (const auto& condition : data.conditions)
    if (!condition.methods.empty()) body += score_table(condition);
  if (body.empty()) return section;
  section.html = section_html(section, "All scores",
                              "Mean ± standard deviation over the test folds. Bold: the best of "
                              "its column; ↓: lower is better. Modalities stand below a method "
                              "that does not use the model's.",
                              body);
  return section;
}

}  // namespace cohesin
