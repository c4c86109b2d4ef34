#include "cohesin/omics/probe_map.h"

#include <algorithm>
#include <cmath>

#include "cohesin/base/error.h"

namespace cohesin {

void add_probe(ProbeMap& map, const std::string& probe, const std::string& gene) {
  auto& position = map.position_of;
  const auto [found, is_new] = position.emplace(gene, static_cast<int64_t>(map.genes.size()));
  if (is_new) map.genes.push_back(gene);
  auto& genes = map.genes_of[probe];
  if (std::find(genes.begin(), genes.end(), found->second) == genes.end())
    genes.push_back(found->second);
}

Table average_probes(const Table& probes, const ProbeMap& map, const std::string& modality,
                     const std::string& where, Findings& findings) {
  std::vector<std::vector<size_t>> probes_of(map.genes.size());
  int64_t num_mapped = 0, num_without_gene = 0, num_missing = 0;
  std::string first_without_gene, first_missing;
  for (size_t p = 0; p < probes.num_features(); ++p) {
    const auto found = map.genes_of.find(probes.features[p]);
    if (found == map.genes_of.end()) {
      if (num_without_gene++ == 0) first_without_gene = probes.features[p];
      continue;
    }
    ++num_mapped;
    for (const int64_t gene : found->second) probes_of[static_cast<size_t>(gene)].push_back(p);
  }
  if (num_mapped == 0)
    throw Error("{}: none of its {} probes is in the probe map (the data has '{}', the map '{}')",
                where, probes.num_features(),
                probes.features.empty() ? "" : probes.features.front(),
                map.genes_of.empty() ? "" : map.genes_of.begin()->first);
  Table genes;
  genes.samples = probes.samples;
  std::vector<std::vector<size_t>> kept;
  int64_t num_without_probe = 0;
  std::string first_without_probe;
  for (size_t g = 0; g < probes_of.size(); ++g) {
    if (probes_of[g].empty()) {
      if (num_without_probe++ == 0) first_without_probe = map.genes[g];
      continue;
    }
    genes.features.push_back(map.genes[g]);
    kept.push_back(std::move(probes_of[g]));
  }
  genes.values.reserve(genes.samples.size() * kept.size());
  for (size_t s = 0; s < probes.num_samples(); ++s) {
    const float* row = probes.row(s);
    for (size_t p = 0; p < probes.num_features(); ++p)
      if (std::isnan(row[p]) && num_missing++ == 0)
        first_missing = fmt::format("sample {}, probe {}", probes.samples[s], probes.features[p]);
    for (const auto& members : kept) {
      double sum = 0;
      int count = 0;
      for (const size_t p : members) {
        if (std::isnan(row[p])) continue;
        sum += row[p];
        ++count;
      }
      genes.values.push_back(count == 0 ? kNotMeasured : static_cast<float>(sum / count));
    }
  }
  note(findings, modality, "probes_mapped", num_mapped);
  note(findings, modality, "probes_without_gene", num_without_gene, first_without_gene);
  note(findings, modality, "genes_without_probe", num_without_probe, first_without_probe);
  note(findings, modality, "probe_values_missing", num_missing, first_missing);
  return genes;
}

}  // namespace cohesin
