// attributions.tsv, enrichment.tsv and explanation.json -> the explanation of a report.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/json_text.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/run/explanation_table.h"
#include "cohesin/run/report_parts.h"

namespace cohesin {
namespace {

constexpr int64_t kMostGenes = 15;  // a class
constexpr size_t kMostSets = 20;

std::string introduction_of(const std::filesystem::path& path) {
  const auto account = parse_json(read_text(path), path.string());
  const auto folds = account.value("folds", int64_t{0});
  std::string text;
  if (account.value("classes", false))
    text +=
        "What each gene adds to a class (its logit minus the mean logit) in samples of that "
        "class. ";
  const bool directed = account.value("directed", false);
  if (directed)
    text +=
        "What each gene adds to the predicted risk (log hazard) or value (in standard "
        "deviations): to the right, more of the gene means more of it. ";
  text += account.value("method", "") == "occlusion" ? "By occlusion, gene by gene, against "
                                                     : "By integrated gradients from ";
  text += account.value("baseline", "") == "mask" ? "a sample without measurements"
                                                  : "the average sample";
  text += folds > 1
              ? fmt::format(". Bars are means over {} folds, whiskers their 95 % intervals", folds)
              : std::string(". One run has no folds, hence no intervals");
  if (directed && folds > 1)
    text +=
        " (for a risk or a value they tell how alike the folds' models are; whether these hold, "
        "the scores tell)";
  return text +
         ". Attributions say what the models use, not what causes the outcome; of genes that tell "
         "the same, a model may use any.";
}

void read_gene_sets_tested(const std::filesystem::path& path, ReportExplanation& explanation) {
  TextReader reader(path);
  std::string line;
  reader.next_line(line);
  while (reader.next_line(line)) {
    const auto f = split(line, '\t');
    if (f.size() != 13) reader.fail("expected 13 columns, got {}", f.size());
    GeneSetRow row;
    row.of_class = f[0];
    row.modality = f[1];
    row.set = f[2];
    row.genes = reader.parse_int(f[3], "genes");
    row.overlap = reader.parse_int(f[4], "overlap");
    row.expected = reader.parse_number(f[5], "expected");
    row.adjusted_p = reader.parse_number(f[7], "p_adjusted");
    row.normalized_score = reader.parse_number(f[9], "normalized_score");
    row.preranked_adjusted_p = reader.parse_number(f[11], "preranked_p_adjusted");
    explanation.gene_sets.push_back(std::move(row));
  }
  const auto strength = [](const GeneSetRow& row) {
    return std::min(row.adjusted_p, row.preranked_adjusted_p);
  };
  std::stable_sort(
      explanation.gene_sets.begin(), explanation.gene_sets.end(),
      [&strength](const GeneSetRow& a, const GeneSetRow& b) { return strength(a) < strength(b); });
  explanation.num_gene_sets = std::ssize(explanation.gene_sets);
  if (explanation.gene_sets.size() > kMostSets) explanation.gene_sets.resize(kMostSets);
}

}  // namespace

ReportExplanation read_explanation(const std::filesystem::path& folder) {
  ReportExplanation explanation;
  explanation.introduction = introduction_of(folder / "explanation.json");
  for (const auto& row : read_attributions(folder / "attributions.tsv")) {
    if (explanation.panels.empty() || explanation.panels.back().name != row.of_class)
      explanation.panels.push_back({row.of_class, {}, 0});
    GenePanel& panel = explanation.panels.back();
    ++panel.num_genes;
    if (row.rank > kMostGenes) continue;
    panel.genes.push_back({row.gene_name.empty() ? row.gene : row.gene_name, row.modality, row.mean,
                           row.lower, row.upper, row.mean_absolute, row.samples});
  }
  if (std::filesystem::exists(folder / "enrichment.tsv"))
    read_gene_sets_tested(folder / "enrichment.tsv", explanation);
  return explanation;
}

}  // namespace cohesin
