#include "cohesin/report/page.h"

#include <fmt/format.h>

#include "cohesin/report/html_text.h"
#include "cohesin/report/page_sections.h"

namespace cohesin {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'";

std::string head_html(const ReportData& data) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"cohesin\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n"
      "<title>{}</title>\n<style>\n{}</style>\n</head>\n",
      kPolicy, escape_html(data.title), page_style());
}

std::string nav_html(const std::vector<PageSection>& sections) {
  std::string out = "<nav aria-label=\"Sections\"><div class=\"inner\">";
  for (const auto& section : sections)
    if (!section.html.empty())
      out += fmt::format("<a href=\"#{}\">{}</a>", section.id, escape_html(section.link));
  return out + "</div></nav>\n";
}

std::string header_html(const ReportData& data) {
  std::string out = fmt::format("<header><p class=\"eyebrow\">{}</p>\n<h1>{}</h1>\n",
                                escape_html(data.task.empty() ? "Report" : data.task + " report"),
                                escape_html(data.title));
  if (!data.facts.empty()) {
    out += "<ul class=\"facts\">";
    for (const auto& fact : data.facts) out += "<li>" + escape_html(fact) + "</li>";
    out += "</ul>\n";
  }
  return out + "</header>\n";
}

std::string absences_html(const std::vector<PageSection>& sections) {
  std::string items;
  for (const auto& section : sections)
    if (section.html.empty() && !section.absence.empty())
      items += "<li>" + escape_html(section.absence) + "</li>";
  if (items.empty()) return "";
  return "<section class=\"absent\"><h2>Not in this report</h2><ul>" + items + "</ul></section>\n";
}

}  // namespace

std::vector<std::string> class_names(const ReportData& data) {
  std::vector<std::string> names;
  for (const auto& [name, count] : data.classes) names.push_back(name);
  return names;
}

std::string section_html(const PageSection& section, std::string_view title,
                         std::string_view introduction, std::string_view body) {
  return fmt::format(
      "<section id=\"{}\">\n<h2>{}</h2>\n{}{}</section>\n", section.id, escape_html(title),
      introduction.empty() ? "" : "<p class=\"how\">" + escape_html(introduction) + "</p>\n", body);
}

std::string figure_html(std::string_view heading, std::string_view svg, std::string_view note) {
  std::string out = "<figure>";
  if (!heading.empty() || !note.empty())
    out += fmt::format("<figcaption><b>{}</b>{}</figcaption>", escape_html(heading),
                       note.empty() ? "" : " <span>" + escape_html(note) + "</span>");
  return out + "\n" + std::string(svg) + "</figure>\n";
}

std::string make_page(const ReportData& data) {
  const std::vector<PageSection> sections = {
      headline_section(data),    scores_section(data),      survival_section(data),
      classes_section(data),     confusion_section(data),   roc_section(data),
      calibration_section(data), explanation_section(data), embedding_section(data),
      training_section(data),    preparation_section(data), provenance_section(data)};
  std::string out =
      head_html(data) + "<body>\n" + nav_html(sections) + "<main>\n" + header_html(data);
  for (const auto& section : sections) out += section.html;
  out += absences_html(sections);
  out += "</main>\n<div id=\"tip\" role=\"status\" hidden></div>\n<script>\n";
  out += page_script();
  return out + "</script>\n</body>\n</html>\n";
}

}  // namespace cohesin
