#include "cohesin/omics/gene_id.h"

#include <algorithm>
#include <cctype>

#include "cohesin/base/error.h"

namespace cohesin {

namespace {

bool is_digits(const std::string& text, size_t begin, size_t end) {
  return begin < end && std::all_of(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                    text.begin() + static_cast<std::ptrdiff_t>(end),
                                    [](unsigned char c) { return std::isdigit(c) != 0; });
}

// Symbols that occur once.
std::unordered_map<std::string, int64_t> unique_symbols(const std::vector<GeneKeys>& genes) {
  std::unordered_map<std::string, int64_t> index_of;
  for (size_t i = 0; i < genes.size(); ++i) {
    const auto [found, is_new] = index_of.emplace(genes[i].symbol, static_cast<int64_t>(i));
    if (!is_new) found->second = -1;
  }
  return index_of;
}

}  // namespace

MissingGenes parse_missing_genes(const std::string& name) {
  if (name == "error") return MissingGenes::kError;
  if (name == "zero") return MissingGenes::kZero;
  if (name == "mask") return MissingGenes::kMask;
  throw Error("unknown policy '{}' for missing genes: expected error, zero or mask", name);
}

std::string unversioned_gene_id(const std::string& id) {
  if (id.rfind("ENS", 0) != 0) return id;
  const size_t dot = id.find('.');
  if (dot == std::string::npos) return id;
  const size_t end = std::min(id.find('_', dot), id.size());
  return is_digits(id, dot + 1, end) ? id.substr(0, dot) + id.substr(end) : id;
}

std::optional<std::string> symbol_of_symbol_entrez(const std::string& id) {
  const size_t bar = id.find('_');
  if (bar == 0 || bar == std::string::npos || !is_digits(id, bar + 1, id.size()))
    return std::nullopt;
  return id.substr(0, bar);
}

std::vector<GeneKeys> gene_keys(const std::vector<std::string>& features,
                                const std::vector<std::string>& gene_names) {
  const bool is_symbol_entrez = std::all_of(features.begin(), features.end(), [](const auto& id) {
    return symbol_of_symbol_entrez(id).has_value();
  });
  std::vector<GeneKeys> keys;
  for (size_t i = 0; i < features.size(); ++i) {
    GeneKeys key{unversioned_gene_id(features[i]), {}};
    if (i < gene_names.size() && !gene_names[i].empty())
      key.symbol = gene_names[i];
    else
      key.symbol = is_symbol_entrez ? *symbol_of_symbol_entrez(features[i]) : key.id;
    keys.push_back(std::move(key));
  }
  return keys;
}

GeneMatcher::GeneMatcher(const std::vector<GeneKeys>& targets)
    : num_targets_(targets.size()), by_symbol_(unique_symbols(targets)) {
  for (size_t i = 0; i < targets.size(); ++i)
    by_id_.emplace(targets[i].id, static_cast<int64_t>(i));
}

std::vector<int64_t> GeneMatcher::match(const std::vector<GeneKeys>& genes) const {
  std::vector<int64_t> target_of(genes.size(), -1);
  std::vector<bool> is_taken(num_targets_, false);
  const auto take = [&](size_t gene, int64_t target) {
    if (target < 0 || target_of[gene] >= 0 || is_taken[static_cast<size_t>(target)]) return;
    target_of[gene] = target;
    is_taken[static_cast<size_t>(target)] = true;
  };
  for (size_t i = 0; i < genes.size(); ++i)
    if (const auto found = by_id_.find(genes[i].id); found != by_id_.end()) take(i, found->second);
  for (const auto& [symbol, gene] : unique_symbols(genes))
    if (const auto found = by_symbol_.find(symbol); gene >= 0 && found != by_symbol_.end())
      take(static_cast<size_t>(gene), found->second);
  return target_of;
}

}  // namespace cohesin
