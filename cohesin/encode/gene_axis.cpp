#include "cohesin/encode/gene_axis.h"

#include <algorithm>
#include <cassert>
#include <unordered_set>
#include <utility>

#include "cohesin/base/error.h"

namespace cohesin {

namespace {

std::vector<GeneKeys> keys_of(const Modality& modality) {
  auto keys = gene_keys(modality.table.features, modality.gene_names);
  std::unordered_set<std::string> seen;
  for (size_t i = 0; i < keys.size(); ++i)
    if (!seen.insert(keys[i].id).second)
      throw Error(
          "modality '{}': feature '{}' occurs twice; prepare the data with --duplicates "
          "first or mean",
          modality.name, modality.table.features[i]);
  return keys;
}

void add_modality(GeneAxis& axis, const std::string& name) {
  if (std::find(axis.modalities.begin(), axis.modalities.end(), name) != axis.modalities.end())
    throw Error("modality '{}' is given twice", name);
  axis.modalities.push_back(name);
  axis.measured.emplace_back(axis.num_genes(), uint8_t{0});
}

std::string list_start(const std::vector<std::string>& names) {
  return names.empty() ? "" : fmt::format(" (first: {})", names.front());
}

bool are_ensembl_ids(const std::vector<std::string>& names) {
  const auto count = std::count_if(names.begin(), names.end(), [](const std::string& name) {
    return name.rfind("ENS", 0) == 0 && name.size() >= 15;
  });
  return 2 * static_cast<size_t>(count) > names.size();
}

// What to do when two lists name genes in different ways.
std::string advice_on_names(const std::vector<std::string>& needed,
                            const std::vector<std::string>& found) {
  if (are_ensembl_ids(needed) == are_ensembl_ids(found)) return "";
  return fmt::format(
      "; those are {}, these are {}: prepare the data with --genes CHECKPOINT/features.tsv "
      "--aliases FILE (lines ALIAS<TAB>GENE)",
      are_ensembl_ids(needed) ? "Ensembl ids" : "symbols",
      are_ensembl_ids(found) ? "Ensembl ids" : "symbols");
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0;;) {
    const size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

void check_unique(const std::vector<std::string>& genes, const std::string& where) {
  std::unordered_set<std::string> seen;
  for (const auto& gene : genes)
    if (!seen.insert(gene).second) throw Error("{}: gene '{}' occurs twice", where, gene);
}

}  // namespace

size_t GeneAxis::modality_index(const std::string& name) const {
  const auto found = std::find(modalities.begin(), modalities.end(), name);
  if (found == modalities.end())
    throw Error("the model has no modality '{}'; it has: {}", name, fmt::join(modalities, ", "));
  return static_cast<size_t>(found - modalities.begin());
}

GeneAxis make_gene_axis(const std::vector<const Modality*>& modalities) {
  GeneAxis axis;
  std::vector<GeneKeys> axis_keys;
  for (const Modality* modality : modalities) {
    add_modality(axis, modality->name);
    const auto keys = keys_of(*modality);
    const auto target_of = GeneMatcher(axis_keys).match(keys);
    for (size_t i = 0; i < keys.size(); ++i) {
      const std::string& feature = modality->table.features[i];
      if (target_of[i] < 0) {
        axis_keys.push_back(keys[i]);
        axis.features.push_back(feature);
        for (auto& measured : axis.measured) measured.push_back(0);
        axis.measured.back().back() = 1;
        continue;
      }
      const auto g = static_cast<size_t>(target_of[i]);
      axis.measured.back()[g] = 1;
      // Written differently: the name that both know.
      if (axis.features[g] != feature)
        axis.features[g] = axis_keys[g].id == keys[i].id ? keys[i].id : keys[i].symbol;
    }
  }
  if (axis.features.empty()) throw Error("no modality with features to make a gene axis of");
  check_unique(axis.features, "gene axis");
  return axis;
}

GeneAxis make_gene_axis(const std::vector<std::string>& genes,
                        const std::vector<const Modality*>& modalities) {
  std::vector<std::string> names;
  for (const Modality* modality : modalities) names.push_back(modality->name);
  GeneAxis axis = published_gene_axis(genes, names);
  const GeneMatcher matcher(gene_keys(genes, {}));
  for (size_t m = 0; m < modalities.size(); ++m) {
    auto& measured = axis.measured[m];
    std::fill(measured.begin(), measured.end(), uint8_t{0});
    for (const int64_t g : matcher.match(keys_of(*modalities[m])))
      if (g >= 0) measured[static_cast<size_t>(g)] = 1;
    if (std::find(measured.begin(), measured.end(), 1) == measured.end())
      throw Error("modality '{}' has none of the {} listed genes (it has {}, the list {})",
                  names[m], genes.size(), modalities[m]->table.features.front(), genes.front());
  }
  return axis;
}

GeneAxis published_gene_axis(const std::vector<std::string>& genes,
                             const std::vector<std::string>& modalities) {
  if (genes.empty()) throw Error("the gene list is empty");
  check_unique(genes, "gene list");
  GeneAxis axis;
  axis.features = genes;
  for (const auto& name : modalities) {
    add_modality(axis, name);
    std::fill(axis.measured.back().begin(), axis.measured.back().end(), uint8_t{1});
  }
  return axis;
}

std::string write_features(const GeneAxis& axis) {
  std::string text = "feature";
  for (const auto& name : axis.modalities) text += '\t' + name;
  text += '\n';
  for (size_t g = 0; g < axis.num_genes(); ++g) {
    text += axis.features[g];
    for (const auto& measured : axis.measured) text += measured[g] != 0 ? "\t1" : "\t0";
    text += '\n';
  }
  return text;
}

GeneAxis read_features(std::string_view text, const std::string& where) {
  if (text.empty() || text.back() != '\n')
    throw Error("{}: cut short: the last line has no end", where);
  text.remove_suffix(1);
  const auto lines = split(text, '\n');
  const auto header = split(lines[0], '\t');
  if (header[0] != "feature" || header.size() < 2)
    throw Error("{}:1: expected the columns 'feature' and one a modality, found '{}'", where,
                lines[0]);
  GeneAxis axis;
  for (size_t m = 1; m < header.size(); ++m) add_modality(axis, std::string(header[m]));
  for (size_t i = 1; i < lines.size(); ++i) {
    const auto cells = split(lines[i], '\t');
    if (cells.size() != header.size())
      throw Error("{}:{}: expected {} columns, found {}", where, i + 1, header.size(),
                  cells.size());
    axis.features.emplace_back(cells[0]);
    for (size_t m = 1; m < cells.size(); ++m) {
      if (cells[m] != "0" && cells[m] != "1")
        throw Error("{}:{}: expected 0 or 1 in column '{}', found '{}'", where, i + 1, header[m],
                    cells[m]);
      axis.measured[m - 1].push_back(cells[m] == "1" ? 1 : 0);
    }
  }
  if (axis.features.empty()) throw Error("{}: no features", where);
  check_unique(axis.features, where);
  return axis;
}

std::string AxisAlignment::describe() const {
  return fmt::format("{} genes matched, {} missing{}, {} unused{}", num_matched, missing.size(),
                     list_start(missing), unused.size(), list_start(unused));
}

AxisAlignment align_to_axis(const Modality& modality, const GeneAxis& axis, MissingGenes policy,
                            const std::string& where, const std::string& needed_by) {
  const auto& measured = axis.measured[axis.modality_index(modality.name)];
  const auto target_of = GeneMatcher(gene_keys(axis.features, {})).match(keys_of(modality));
  AxisAlignment alignment;
  alignment.columns.assign(axis.num_genes(), kHiddenColumn);
  for (size_t i = 0; i < target_of.size(); ++i) {
    if (target_of[i] < 0 || measured[static_cast<size_t>(target_of[i])] == 0) {
      alignment.unused.push_back(modality.table.features[i]);
      continue;
    }
    alignment.columns[static_cast<size_t>(target_of[i])] = static_cast<int64_t>(i);
    ++alignment.num_matched;
  }
  for (size_t g = 0; g < axis.num_genes(); ++g) {
    if (measured[g] == 0 || alignment.columns[g] != kHiddenColumn) continue;
    alignment.missing.push_back(axis.features[g]);
    if (policy == MissingGenes::kZero) alignment.columns[g] = kZeroColumn;
  }
  const size_t needed = alignment.num_matched + alignment.missing.size();
  if (alignment.num_matched == 0)
    throw Error(
        "{}: none of the {} genes that '{}' needs (first: {}) is among the {} features of "
        "modality '{}' (first: {}){}",
        where, needed, needed_by, alignment.missing.empty() ? "" : alignment.missing[0],
        modality.table.num_features(), modality.name,
        modality.table.features.empty() ? "none" : modality.table.features[0],
        advice_on_names(alignment.missing, modality.table.features));
  if (policy == MissingGenes::kError && !alignment.missing.empty())
    throw Error(
        "{}: {} of the {} genes that '{}' needs are missing{}; pass --missing-genes=zero to "
        "fill them with 0, or =mask to hide them",
        where, alignment.missing.size(), needed, needed_by, list_start(alignment.missing));
  return alignment;
}

void gather_on_axis(const float* row, const std::vector<int64_t>& columns, float* out) {
  for (size_t g = 0; g < columns.size(); ++g)
    out[g] = columns[g] >= 0 ? row[columns[g]] : columns[g] == kZeroColumn ? 0.0F : kNotMeasured;
}

}  // namespace cohesin
