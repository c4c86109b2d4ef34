#include "cohesin/run/explanation_table.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>

#include "cohesin/base/error.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/report/verdict.h"

namespace cohesin {

namespace {

const std::string kHeader =
    "modality\tgene\tgene_name\tclass\tmean\tlower\tupper\tmean_absolute\trank\tfolds\tsamples";

std::string number_text(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

double parse_optional(const TextReader& reader, std::string_view field, const char* name) {
  return field.empty() ? std::numeric_limits<double>::quiet_NaN()
                       : reader.parse_number(field, name);
}

}  // namespace

void summarize_folds(GeneAttribution& gene, const std::vector<FoldAttribution>& folds) {
  const auto count = static_cast<double>(folds.size());
  gene.mean = gene.mean_absolute = 0;
  gene.samples = 0;
  for (const auto& fold : folds) {
    gene.mean += fold.mean / count;
    gene.mean_absolute += fold.mean_absolute / count;
    gene.samples += fold.samples;
  }
  gene.folds = std::ssize(folds);
  gene.lower = gene.upper = std::numeric_limits<double>::quiet_NaN();
  if (folds.size() < 2) return;
  double squares = 0;
  for (const auto& fold : folds) squares += (fold.mean - gene.mean) * (fold.mean - gene.mean);
  const double half =
      student_t_975(static_cast<int>(folds.size()) - 1) * std::sqrt(squares / (count - 1) / count);
  gene.lower = gene.mean - half;
  gene.upper = gene.mean + half;
}

void rank_genes(std::vector<GeneAttribution>& genes) {
  std::map<std::string, size_t> order;
  for (const auto& gene : genes) order.emplace(gene.of_class, order.size());
  std::stable_sort(genes.begin(), genes.end(),
                   [&order](const GeneAttribution& a, const GeneAttribution& b) {
                     const size_t class_a = order.at(a.of_class), class_b = order.at(b.of_class);
                     if (class_a != class_b) return class_a < class_b;
                     return std::abs(a.mean) > std::abs(b.mean);
                   });
  int64_t rank = 0;
  for (size_t i = 0; i < genes.size(); ++i) {
    rank = i > 0 && genes[i].of_class == genes[i - 1].of_class ? rank + 1 : 1;
    genes[i].rank = rank;
  }
}

std::string attributions_text(const std::vector<GeneAttribution>& genes) {
  std::string text = kHeader + "\n";
  for (const auto& g : genes)
    fmt::format_to(std::back_inserter(text), "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
                   g.modality, g.gene, g.gene_name, g.of_class, g.mean, number_text(g.lower),
                   number_text(g.upper), g.mean_absolute, g.rank, g.folds, g.samples);
  return text;
}

std::vector<GeneAttribution> read_attributions(const std::filesystem::path& path) {
  TextReader reader(path);
  std::string line;
  if (!reader.next_line(line) || line != kHeader)
    throw Error("{}: expected the columns that explain writes (modality, gene, ...)",
                path.string());
  std::vector<GeneAttribution> genes;
  while (reader.next_line(line)) {
    const auto f = split(line, '\t');
    if (f.size() != 11) reader.fail("expected 11 columns, got {}", f.size());
    GeneAttribution gene{std::string(f[0]), std::string(f[1]), std::string(f[2]),
                         std::string(f[3])};
    gene.mean = reader.parse_number(f[4], "mean");
    gene.lower = parse_optional(reader, f[5], "lower");
    gene.upper = parse_optional(reader, f[6], "upper");
    gene.mean_absolute = reader.parse_number(f[7], "mean_absolute");
    gene.rank = reader.parse_int(f[8], "rank");
    gene.folds = reader.parse_int(f[9], "folds");
    gene.samples = reader.parse_int(f[10], "samples");
    genes.push_back(std::move(gene));
  }
  return genes;
}

}  // namespace cohesin
