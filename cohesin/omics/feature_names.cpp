#include "cohesin/omics/feature_names.h"

#include <algorithm>
#include <unordered_set>

#include "cohesin/omics/gene_id.h"

namespace cohesin {

namespace {

constexpr std::string_view kParY = "_PAR_Y";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// The length of "ENS" + species letters + "G" + 11 digits at the start, or 0.
size_t ensembl_stem(std::string_view name) {
  if (name.substr(0, 3) != "ENS") return 0;
  size_t at = 3;
  while (at < name.size() && name[at] >= 'A' && name[at] <= 'Z') ++at;
  if (at == 3 || at > 8 || name[at - 1] != 'G') return 0;
  return all_digits(name.substr(at, 11)) && name.size() >= at + 11 ? at + 11 : 0;
}

// Genes that nearly every expression table has: housekeeping and well-known cancer genes.
const std::unordered_set<std::string_view>& common_symbols() {
  static const std::unordered_set<std::string_view> symbols{
      "ACTB",   "GAPDH", "B2M",    "TBP",    "HPRT1",  "GUSB",   "PPIA",   "RPLP0", "RPL13A",
      "TFRC",   "YWHAZ", "SDHA",   "UBC",    "HMBS",   "PGK1",   "LDHA",   "ALDOA", "EEF1A1",
      "TP53",   "EGFR",  "ERBB2",  "ERBB3",  "ESR1",   "PGR",    "BRCA1",  "BRCA2", "MYC",
      "MYCN",   "KRAS",  "NRAS",   "HRAS",   "BRAF",   "PIK3CA", "PTEN",   "AKT1",  "AKT2",
      "MTOR",   "RB1",   "CDKN1A", "CDKN1B", "CDKN2A", "CCND1",  "CCNE1",  "CDK4",  "CDK6",
      "MDM2",   "ATM",   "ATR",    "CHEK1",  "CHEK2",  "APC",    "CTNNB1", "SMAD4", "VHL",
      "NF1",    "NF2",   "IDH1",   "IDH2",   "TERT",   "ATRX",   "ARID1A", "KMT2D", "FOXA1",
      "GATA3",  "KRT5",  "KRT8",   "KRT18",  "CDH1",   "VIM",    "FN1",    "EPCAM", "MKI67",
      "PCNA",   "TOP2A", "BCL2",   "BAX",    "CASP3",  "CASP8",  "JAK2",   "STAT1", "STAT3",
      "CD4",    "CD8A",  "CD3E",   "CD19",   "PTPRC",  "CD274",  "PDCD1",  "CTLA4", "VEGFA",
      "KDR",    "HIF1A", "TGFB1",  "IL6",    "TNF",    "XIST",   "MGMT",   "MLH1",  "SLC2A1",
      "TSPAN6", "DPM1",  "SCYL3",  "A1BG",   "A2M",    "AR",     "KIT",    "MET",   "RET"};
  return symbols;
}

}  // namespace

bool is_ensembl_gene_id(std::string_view name) {
  const size_t stem = ensembl_stem(name);
  if (stem == 0) return false;
  std::string_view rest = name.substr(stem);
  if (rest.size() >= kParY.size() && rest.substr(rest.size() - kParY.size()) == kParY)
    rest.remove_suffix(kParY.size());
  return rest.empty() || (rest[0] == '.' && all_digits(rest.substr(1)));
}

bool is_probe_id(std::string_view name) {
  if (name.substr(0, 3) == "ch.") return name.size() > 3 && (is_digit(name[3]) || name[3] == 'X');
  const std::string_view kind = name.substr(0, 2);
  return (kind == "cg" && name.size() >= 10 && all_digits(name.substr(2, 8))) ||
         (kind == "rs" && all_digits(name.substr(2)));
}

bool looks_like_gene(std::string_view name) {
  if (is_ensembl_gene_id(name) || is_probe_id(name)) return true;
  const std::string symbol = symbol_of_symbol_entrez(std::string(name)).value_or(std::string(name));
  return common_symbols().count(symbol) > 0;
}

FeatureNames name_features(const std::vector<std::string>& features, const std::string& modality,
                           Findings& findings) {
  std::unordered_set<std::string> symbols;
  bool by_entrez = !features.empty();
  for (const auto& feature : features) {
    const auto symbol = symbol_of_symbol_entrez(feature);
    by_entrez = by_entrez && symbol.has_value();
    if (symbol) symbols.insert(*symbol);
  }
  by_entrez = by_entrez && symbols.size() * 2 > features.size();
  FeatureNames named;
  for (const auto& feature : features) {
    named.ids.push_back(unversioned_gene_id(feature));
    if (named.ids.back() != feature) note(findings, modality, "version_stripped", 1, feature);
    if (by_entrez) {
      const std::string symbol = feature.substr(0, feature.find('_'));
      named.names.push_back(symbol == "?" ? "" : symbol);
      note(findings, modality, "symbol_entrez", 1, feature);
    } else if (is_ensembl_gene_id(feature)) {
      named.names.emplace_back();
      if (feature.find(kParY) != std::string::npos) note(findings, modality, "par_y", 1, feature);
    } else {
      named.names.push_back(feature);
    }
  }
  return named;
}

}  // namespace cohesin
