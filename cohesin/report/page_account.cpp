// The sections that account for the input and for the run.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cohesin/report/html_text.h"
#include "cohesin/report/page_sections.h"

namespace cohesin {

namespace {

// "samples_with_labels" as words; what follows a colon is a user's name and stays.
std::string spaced(std::string what) {
  const auto end =
      what.begin() + static_cast<std::ptrdiff_t>(std::min(what.find(':'), what.size()));
  std::replace(what.begin(), end, '_', ' ');
  return what;
}

std::string p_value_text(double p) {
  if (!std::isfinite(p)) return "no p-value, as many groups are too small for one";
  return p < 0.001 ? "p &lt; 0.001" : fmt::format("p = {:.3f}", p);
}

// One sentence a grouping of the samples, and one that says what follows.
std::string batch_note(const ReportData& data) {
  std::string text;
  for (const auto& batch : data.batches)
    text += fmt::format(
        "<p>The {} ({} groups, {} samples) and the outcome: Cramér's V {} after correction "
        "for chance (0 = independent, 1 = one follows from the other; {} uncorrected), chi-square "
        "{:.1f} on {} degrees of freedom, {}.</p>\n",
        escape_html(batch.grouping), count_text(batch.groups), count_text(batch.samples),
        score_text(batch.cramers_v_corrected), score_text(batch.cramers_v), batch.chi_square,
        count_text(batch.degrees_of_freedom), p_value_text(batch.p_value));
  if (text.empty()) return text;
  return "<h3>Where the samples come from</h3>\n" + text +
         "<p class=\"note\">Where origin and outcome go together, a part of any score may be the "
         "recognition of the origin. Folds that leave one origin out at a time "
         "(cohesin split --leave-out) show how much is left.</p>\n";
}

// What a search chose, fold by fold.
std::string chosen_settings(const ReportData& data) {
  if (data.chosen.empty()) return "";
  std::string body =
      "<details open><summary>Settings chosen inside the training part</summary><dl>";
  for (const auto& [fold, settings] : data.chosen)
    body += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape_html(fold.empty() ? "training" : fold),
                        escape_html(settings));
  return body + "</dl></details>\n";
}

}  // namespace

PageSection preparation_section(const ReportData& data) {
  PageSection section{"preparation", "Input", "",
                      "No account of the preparation was found, so what was matched and dropped "
                      "is not shown."};
  if (data.preparation.empty() && data.batches.empty()) return section;
  std::string body;
  if (!data.preparation.empty())
    body +=
        "<div class=\"wide\"><table class=\"account\"><thead><tr><th scope=\"col\">Modality</th>"
        "<th scope=\"col\">What</th><th scope=\"col\">Count</th><th scope=\"col\">First</th></tr>"
        "</thead>\n<tbody>";
  for (const auto& row : data.preparation)
    body += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"text\">{}</td><td>{}</td>"
        "<td class=\"text name\">{}</td></tr>\n",
        escape_html(row.modality), escape_html(spaced(row.what)), escape_html(row.count),
        escape_html(row.first));
  if (!data.preparation.empty()) body += "</tbody></table></div>\n";
  section.html = section_html(section, "What was matched and what was dropped",
                              "Every row of the preparation's account, with the first example.",
                              body + batch_note(data));
  return section;
}

PageSection provenance_section(const ReportData& data) {
  PageSection section{"provenance", "Provenance", "",
                      "No run record and no recipe were found, so the provenance is unknown."};
  if (data.provenance.empty() && data.recipe.empty()) return section;
  std::string body = chosen_settings(data);
  if (!data.provenance.empty()) {
    body += "<details open><summary>Run</summary><dl>";
    for (const auto& [key, value] : data.provenance)
      body += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape_html(key), escape_html(value));
    body += "</dl></details>\n";
  }
  if (!data.recipe.empty())
    body += "<details><summary>Recipe, with all defaults</summary><pre>" +
            escape_html(data.recipe) + "</pre></details>\n";
  section.html = section_html(section, "Provenance",
                              "The full command, times and library versions stand in run.json "
                              "beside the predictions.",
                              body);
  return section;
}

}  // namespace cohesin
