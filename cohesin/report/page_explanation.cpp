// Which genes speak for a class or a risk: bars, a table, gene sets.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cohesin/report/gene_plot.h"
#include "cohesin/report/html_text.h"
#include "cohesin/report/page_sections.h"
#include "cohesin/report/plot_frame.h"

namespace cohesin {
namespace {

constexpr size_t kMostTableRows = 10;  // a class

std::vector<std::string> modalities_of(const std::vector<GenePanel>& panels) {
  std::vector<std::string> modalities;
  for (const auto& panel : panels)
    for (const auto& gene : panel.genes) modalities.push_back(gene.modality);
  std::sort(modalities.begin(), modalities.end());
  modalities.erase(std::unique(modalities.begin(), modalities.end()), modalities.end());
  return modalities;
}

std::string modality_legend(const std::vector<std::string>& modalities) {
  std::string out = "<div class=\"legend\">";
  for (size_t k = 0; k < modalities.size(); ++k)
    out += fmt::format("<span class=\"key\"><i class=\"b{}\"></i>{}</span>",
                       colour_class(static_cast<int>(k)), escape_html(modalities[k]));
  return out + "</div>\n";
}

std::string header_row(const std::vector<std::string>& names) {
  std::string out = "<thead><tr>";
  for (const auto& name : names) out += "<th scope=\"col\">" + escape_html(name) + "</th>";
  return out + "</tr></thead>\n";
}

std::string interval_text(double low, double high) {
  if (!std::isfinite(low) || !std::isfinite(high)) return "n/a";
  return difference_text(low) + " to " + difference_text(high);
}

// "0.0123", "3.1e-07"; a permutation test cannot say less than its number of draws.
std::string p_text(double p) {
  if (!std::isfinite(p)) return "n/a";
  return p < 0.001 ? fmt::format("{:.1e}", p) : fmt::format("{:.3f}", p);
}

std::string gene_table(const std::vector<GenePanel>& panels) {
  std::string out = "<h3>Strongest genes</h3>\n<div class=\"wide\"><table>" +
                    header_row({"Gene", "Modality", "Outcome", "Mean", "95 % interval",
                                "Mean absolute", "Samples"}) +
                    "<tbody>";
  for (const auto& panel : panels)
    for (size_t i = 0; i < std::min(kMostTableRows, panel.genes.size()); ++i) {
      const GeneBar& gene = panel.genes[i];
      out += fmt::format(
          "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td>"
          "<td data-value=\"{}\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
          escape_html(gene.gene), escape_html(gene.modality), escape_html(panel.name),
          exact_text(gene.mean), difference_text(gene.mean),
          interval_text(gene.ci_low, gene.ci_high), score_text(gene.mean_absolute),
          count_text(gene.samples));
    }
  return out + "</tbody></table></div>\n";
}

std::string set_table(const ReportExplanation& explanation) {
  if (explanation.gene_sets.empty()) return "";
  std::string out = "<h3>Gene sets</h3>\n<div class=\"wide\"><table>" +
                    header_row({"Set", "Modality", "Outcome", "Genes", "Among the top", "By chance",
                                "Adjusted p", "Normalized score", "Adjusted p, preranked"}) +
                    "<tbody>";
  for (const auto& row : explanation.gene_sets)
    out += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.1f}</td>"
        "<td>{}</td><td>{:.2f}</td><td>{}</td></tr>\n",
        escape_html(row.set), escape_html(row.modality), escape_html(row.of_class),
        count_text(row.genes), count_text(row.overlap), row.expected, p_text(row.adjusted_p),
        row.normalized_score, p_text(row.preranked_adjusted_p));
  out += "</tbody></table></div>\n";
  return out + fmt::format(
                   "<p class=\"note\">The {} strongest of {} tests; enrichment.tsv has all. "
                   "P-values are adjusted within a class and modality (Benjamini and Hochberg)."
                   "</p>\n",
                   explanation.gene_sets.size(), count_text(explanation.num_gene_sets));
}

}  // namespace

PageSection explanation_section(const ReportData& data) {
  PageSection section{"explanation", "Genes", "", ""};
  const ReportExplanation& explanation = data.explanation;
  if (explanation.panels.empty()) return section;
  const auto modalities = modalities_of(explanation.panels);
  const AxisRange range = gene_range(explanation.panels);
  std::string figures;
  for (const auto& panel : explanation.panels)
    figures += figure_html(
        panel.name, draw_gene_bars(panel, range, modalities, "attribution"),
        fmt::format("the first {} of {}", panel.genes.size(), count_text(panel.num_genes)));
  const size_t count = explanation.panels.size();
  section.html = section_html(
      section, "Genes", explanation.introduction,
      modality_legend(modalities) +
          fmt::format("<div class=\"plots{}\">{}</div>\n", count == 1 ? " single" : "", figures) +
          gene_table(explanation.panels) + set_table(explanation));
  return section;
}

}  // namespace cohesin
