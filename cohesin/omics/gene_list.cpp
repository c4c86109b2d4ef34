#include "cohesin/omics/gene_list.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/omics/feature_names.h"

namespace cohesin {

namespace {

using Index = std::unordered_map<std::string, std::vector<int64_t>>;

const std::vector<int64_t> kNowhere;

const std::vector<int64_t>& positions(const Index& index, const std::string& name) {
  const auto found = index.find(name);
  return found == index.end() ? kNowhere : found->second;
}

// What a list calls its genes: by id, by id without version, by name.
struct ListIndex {
  Index by_id, by_plain_id, by_name;

  explicit ListIndex(const GeneList& list) {
    for (size_t g = 0; g < list.ids.size(); ++g) {
      const auto gene = static_cast<int64_t>(g);
      by_id[list.ids[g]].push_back(gene);
      by_plain_id[unversioned_gene_id(list.ids[g])].push_back(gene);
      if (g < list.names.size() && !list.names[g].empty()) by_name[list.names[g]].push_back(gene);
    }
  }
  const std::vector<int64_t>& find_id(const std::string& name) const {
    if (const auto& genes = positions(by_id, name); !genes.empty()) return genes;
    return positions(by_plain_id, unversioned_gene_id(name));
  }
  const std::vector<int64_t>& find(const std::string& name) const {
    if (name.empty()) return kNowhere;
    if (const auto& genes = find_id(name); !genes.empty()) return genes;
    return positions(by_name, name);
  }
};

std::vector<int64_t> find_by_alias(const ListIndex& index, const Aliases& aliases,
                                   const std::string& name) {
  std::vector<int64_t> genes;
  const auto found = aliases.find(name);
  if (found == aliases.end()) return genes;
  for (const auto& other : found->second)
    for (const int64_t gene : index.find(other)) genes.push_back(gene);
  std::sort(genes.begin(), genes.end());
  genes.erase(std::unique(genes.begin(), genes.end()), genes.end());
  return genes;
}

// `columns` of the row: the first, or the mean of the measured ones.
float merge_values(const float* row, const std::vector<int64_t>& columns, Duplicates policy) {
  if (columns.size() == 1 || policy != Duplicates::kMean) return row[columns.front()];
  double sum = 0;
  int count = 0;
  for (const int64_t column : columns) {
    if (std::isnan(row[column])) continue;
    sum += row[column];
    ++count;
  }
  return count == 0 ? kNotMeasured : static_cast<float>(sum / count);
}

// Groups of equal names in order of first appearance.
std::vector<std::vector<int64_t>> group_equal(const std::vector<std::string>& names) {
  std::unordered_map<std::string, size_t> group_of;
  std::vector<std::vector<int64_t>> groups;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto [found, is_new] = group_of.emplace(names[i], groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].push_back(static_cast<int64_t>(i));
  }
  return groups;
}

struct Repetition {
  int64_t count = 0;  // rows or columns beyond the first of each name
  std::string first;
};
Repetition find_repetition(const std::vector<std::vector<int64_t>>& groups,
                           const std::vector<std::string>& names) {
  Repetition repetition;
  for (const auto& group : groups) {
    if (group.size() < 2) continue;
    if (repetition.count == 0) repetition.first = names[static_cast<size_t>(group.front())];
    repetition.count += static_cast<int64_t>(group.size()) - 1;
  }
  return repetition;
}

// The table whose feature f is made of columns_of[f]; `fill` where there is none.
Table gather_columns(const Table& table, const std::vector<std::vector<int64_t>>& columns_of,
                     std::vector<std::string> features, Duplicates policy, float fill) {
  Table gathered{table.samples, std::move(features), {}};
  gathered.values.reserve(table.num_samples() * columns_of.size());
  for (size_t s = 0; s < table.num_samples(); ++s)
    for (const auto& columns : columns_of)
      gathered.values.push_back(columns.empty() ? fill
                                                : merge_values(table.row(s), columns, policy));
  return gathered;
}

// Genes of a list that no feature stands for, or several.
struct ListGaps {
  int64_t num_missing = 0, num_double = 0;
  std::string first_missing, first_double;
};
ListGaps find_gaps(const GeneMatch& match, const GeneList& list, const Table& table) {
  ListGaps gaps;
  for (size_t g = 0; g < list.ids.size(); ++g) {
    const auto& features = match.features_of[g];
    if (features.empty() && gaps.num_missing++ == 0) gaps.first_missing = list.ids[g];
    if (features.size() < 2) continue;
    if (gaps.num_double == 0)
      gaps.first_double = fmt::format("{}: {} and {}", list.ids[g],
                                      table.features[static_cast<size_t>(features[0])],
                                      table.features[static_cast<size_t>(features[1])]);
    gaps.num_double += static_cast<int64_t>(features.size()) - 1;
  }
  return gaps;
}

[[noreturn]] void fail_missing(const std::string& where, int64_t num_missing, size_t num_genes,
                               const std::string& list_name, const std::string& first) {
  throw Error(
      "{}: {} of the {} genes of {} are missing (first: {}); pass --missing-genes zero to "
      "fill them with 0, or mask to hide them",
      where, num_missing, num_genes, list_name, first);
}

}  // namespace

Duplicates parse_duplicates(const std::string& text) {
  if (text == "error") return Duplicates::kError;
  if (text == "first") return Duplicates::kFirst;
  if (text == "mean") return Duplicates::kMean;
  throw Error("--duplicates '{}': expected error, first or mean", text);
}

GeneMatch match_genes(const std::vector<std::string>& ids, const std::vector<std::string>& names,
                      const GeneList& list, const Aliases& aliases) {
  const ListIndex index(list);
  GeneMatch match;
  match.features_of.resize(list.ids.size());
  std::vector<bool> exact(list.ids.size(), false);
  struct Guess {
    int64_t gene, feature;
  };
  std::vector<Guess> guesses;  // by name or alias: they yield to an exact id
  for (size_t f = 0; f < ids.size(); ++f) {
    const auto feature = static_cast<int64_t>(f);
    std::vector<int64_t> genes = index.find_id(ids[f]);
    if (genes.size() == 1) {
      match.features_of[static_cast<size_t>(genes[0])].push_back(feature);
      exact[static_cast<size_t>(genes[0])] = true;
      continue;
    }
    if (genes.empty()) genes = index.find(ids[f]);
    if (genes.empty() && f < names.size()) genes = index.find(names[f]);
    if (genes.empty()) genes = find_by_alias(index, aliases, ids[f]);
    if (genes.empty() && f < names.size()) genes = find_by_alias(index, aliases, names[f]);
    if (genes.size() == 1) {
      guesses.push_back({genes[0], feature});
    } else if (genes.empty()) {
      match.unused.push_back(ids[f]);
    } else {
      match.ambiguous.push_back(ids[f]);
    }
  }
  for (const auto& guess : guesses) {
    const auto gene = static_cast<size_t>(guess.gene);
    if (exact[gene]) {
      match.unused.push_back(ids[static_cast<size_t>(guess.feature)]);
    } else {
      match.features_of[gene].push_back(guess.feature);
    }
  }
  return match;
}

std::vector<uint8_t> align_to_genes(Modality& modality, const GeneList& list,
                                    const std::string& list_name, const Aliases& aliases,
                                    MissingGenes missing, Duplicates duplicates,
                                    const std::string& where, Findings& findings) {
  const Table& table = modality.table;
  const GeneMatch match = match_genes(table.features, modality.gene_names, list, aliases);
  const ListGaps gaps = find_gaps(match, list, table);
  const auto num_genes = static_cast<int64_t>(list.ids.size());
  if (gaps.num_missing == num_genes)
    throw Error(
        "{}: none of the {} genes of {} is there (the list has '{}', the data '{}'); other "
        "names can be given with --aliases FILE (alias, gene)",
        where, num_genes, list_name, list.ids.front(),
        table.features.empty() ? "" : table.features.front());
  if (gaps.num_missing > 0 && missing == MissingGenes::kError)
    fail_missing(where, gaps.num_missing, list.ids.size(), list_name, gaps.first_missing);
  if (gaps.num_double > 0 && duplicates == Duplicates::kError)
    throw Error(
        "{}: {} features stand for a gene of {} that another one stands for, too (first: "
        "{}); pass --duplicates first or mean",
        where, gaps.num_double, list_name, gaps.first_double);
  note(findings, modality.name, "genes_matched", num_genes - gaps.num_missing);
  note(findings, modality.name, "genes_missing", gaps.num_missing, gaps.first_missing);
  note(findings, modality.name, "duplicate_features", gaps.num_double, gaps.first_double);
  const auto first_of = [](const std::vector<std::string>& names) {
    return names.empty() ? "" : names.front();
  };
  note(findings, modality.name, "features_not_in_list", static_cast<int64_t>(match.unused.size()),
       first_of(match.unused));
  note(findings, modality.name, "ambiguous_features", static_cast<int64_t>(match.ambiguous.size()),
       first_of(match.ambiguous));

  std::vector<uint8_t> is_matched(list.ids.size());
  std::vector<std::string> names(list.ids.size());
  for (size_t g = 0; g < names.size(); ++g) {
    const auto& features = match.features_of[g];
    is_matched[g] = features.empty() ? 0 : 1;
    if (g < list.names.size() && !list.names[g].empty()) {
      names[g] = list.names[g];
    } else if (!features.empty() && !modality.gene_names.empty()) {
      names[g] = modality.gene_names[static_cast<size_t>(features[0])];
    } else if (!is_ensembl_gene_id(list.ids[g])) {
      names[g] = list.ids[g];
    }
  }
  const float fill = missing == MissingGenes::kZero ? 0.0F : kNotMeasured;
  modality.table = gather_columns(table, match.features_of, list.ids, duplicates, fill);
  modality.gene_names = std::move(names);
  return is_matched;
}

void merge_duplicate_samples(Table& table, Duplicates policy, const std::string& modality,
                             const std::string& where, Findings& findings) {
  const auto groups = group_equal(table.samples);
  const Repetition repetition = find_repetition(groups, table.samples);
  if (repetition.count == 0) return;
  if (policy == Duplicates::kError)
    throw Error(
        "{}: {} samples occur more than once (first: '{}'); pass --duplicates first or "
        "mean, or remove them",
        where, repetition.count, repetition.first);
  note(findings, modality, "duplicate_samples", repetition.count, repetition.first);
  Table merged;
  merged.features = table.features;
  std::vector<double> sums(table.num_features());
  std::vector<int> counts(table.num_features());
  for (const auto& group : groups) {
    const float* first = table.row(static_cast<size_t>(group.front()));
    merged.samples.push_back(table.samples[static_cast<size_t>(group.front())]);
    if (group.size() == 1 || policy == Duplicates::kFirst) {
      merged.values.insert(merged.values.end(), first, first + table.num_features());
      continue;
    }
    std::fill(sums.begin(), sums.end(), 0.0);
    std::fill(counts.begin(), counts.end(), 0);
    for (const int64_t sample : group) {
      const float* row = table.row(static_cast<size_t>(sample));
      for (size_t f = 0; f < sums.size(); ++f) {
        if (std::isnan(row[f])) continue;
        sums[f] += row[f];
        ++counts[f];
      }
    }
    for (size_t f = 0; f < sums.size(); ++f)
      merged.values.push_back(counts[f] == 0 ? kNotMeasured
                                             : static_cast<float>(sums[f] / counts[f]));
  }
  table = std::move(merged);
}

void merge_duplicate_features(Modality& modality, Duplicates policy, const std::string& where,
                              Findings& findings) {
  const Table& table = modality.table;
  const auto groups = group_equal(table.features);
  const Repetition repetition = find_repetition(groups, table.features);
  if (repetition.count == 0) return;
  if (policy == Duplicates::kError)
    throw Error(
        "{}: {} features occur more than once (first: '{}'); pass --duplicates first or "
        "mean, or remove them",
        where, repetition.count, repetition.first);
  note(findings, modality.name, "duplicate_features", repetition.count, repetition.first);
  std::vector<std::string> features, names;
  for (const auto& group : groups) {
    const auto first = static_cast<size_t>(group.front());
    features.push_back(table.features[first]);
    if (!modality.gene_names.empty()) names.push_back(modality.gene_names[first]);
  }
  modality.table = gather_columns(table, groups, std::move(features), policy, kNotMeasured);
  modality.gene_names = std::move(names);
}

}  // namespace cohesin
