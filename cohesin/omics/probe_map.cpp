#include "cohesin/omics/probe_map.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "cohesin/base/error.h"

namespace cohesin {

namespace {

// How many, and the first.
struct Tally {
  int64_t count = 0;
  std::string first;
  void add(const std::string& name) {
    if (count++ == 0) first = name;
  }
};

void note_tally(Findings& findings, const std::string& modality, const char* what,
                const Tally& tally) {
  note(findings, modality, what, tally.count, tally.first);
}

// The columns of a table that are used: those of one base name stand together.
struct MappedProbes {
  std::vector<std::vector<size_t>> columns;   // [probes], positions in the table
  std::vector<std::vector<size_t>> of_gene;   // [genes of the map], positions in `columns`
  Tally masked, on_chromosome, without_gene;  // columns
  Tally mapped, replicates;
};

MappedProbes map_probes(const Table& table, const ProbeMap& map) {
  MappedProbes mapped;
  mapped.of_gene.resize(map.genes.size());
  std::unordered_map<std::string, size_t> position_of;
  for (size_t p = 0; p < table.num_features(); ++p) {
    const std::string& name = table.features[p];
    const std::string base(probe_base_name(name));
    if (map.masked.count(name) > 0 || map.masked.count(base) > 0) {
      mapped.masked.add(name);
      continue;
    }
    if (map.on_left_out_chromosome.count(base) > 0) {
      mapped.on_chromosome.add(name);
      continue;
    }
    const auto found = map.genes_of.find(base);
    if (found == map.genes_of.end()) {
      mapped.without_gene.add(name);
      continue;
    }
    mapped.mapped.add("");
    const auto [position, is_new] = position_of.emplace(base, mapped.columns.size());
    if (!is_new) {
      mapped.columns[position->second].push_back(p);
      mapped.replicates.add(name);
      continue;
    }
    mapped.columns.push_back({p});
    for (const int64_t gene : found->second)
      mapped.of_gene[static_cast<size_t>(gene)].push_back(position->second);
  }
  return mapped;
}

void require_any(const MappedProbes& mapped, const Table& probes, const ProbeMap& map,
                 const std::string& where) {
  if (mapped.mapped.count > 0) return;
  if (mapped.masked.count + mapped.on_chromosome.count > 0)
    throw Error(
        "{}: no probe is left: of {}, {} are masked, {} lie on chromosomes left out, {} have no "
        "gene in the probe map",
        where, probes.num_features(), mapped.masked.count, mapped.on_chromosome.count,
        mapped.without_gene.count);
  throw Error("{}: none of its {} probes is in the probe map (the data has '{}', the map '{}')",
              where, probes.num_features(), probes.features.empty() ? "" : probes.features.front(),
              map.first_probe);
}

// Where one probe is measured; the mean of nothing is not measured.
struct Mean {
  double sum = 0;
  int count = 0;
  void add(double value) {
    if (std::isnan(value)) return;
    sum += value;
    ++count;
  }
  double value() const { return count == 0 ? kNotMeasured : sum / count; }
};

}  // namespace

std::string_view probe_base_name(std::string_view probe) {
  const size_t bar = probe.rfind('_');
  if (bar == std::string_view::npos || bar == 0 || probe.size() < bar + 4) return probe;
  const std::string_view suffix = probe.substr(bar + 1);
  const bool is_replicate = (suffix[0] == 'T' || suffix[0] == 'B') &&
                            (suffix[1] == 'C' || suffix[1] == 'O') &&
                            std::all_of(suffix.begin() + 2, suffix.end(),
                                        [](unsigned char c) { return std::isdigit(c) != 0; });
  return is_replicate ? probe.substr(0, bar) : probe;
}

void add_probe(ProbeMap& map, std::string_view probe, const std::string& gene) {
  auto& position = map.position_of;
  const auto [found, is_new] = position.emplace(gene, static_cast<int64_t>(map.genes.size()));
  if (is_new) map.genes.push_back(gene);
  if (map.first_probe.empty()) map.first_probe = probe;
  auto& genes = map.genes_of[std::string(probe_base_name(probe))];
  if (std::find(genes.begin(), genes.end(), found->second) == genes.end())
    genes.push_back(found->second);
}

Table average_probes(const Table& probes, const ProbeMap& map, const std::string& modality,
                     const std::string& where, Findings& findings) {
  const MappedProbes mapped = map_probes(probes, map);
  require_any(mapped, probes, map, where);
  Table genes;
  genes.samples = probes.samples;
  std::vector<const std::vector<size_t>*> kept;
  Tally without_probe, missing;
  for (size_t g = 0; g < mapped.of_gene.size(); ++g) {
    if (mapped.of_gene[g].empty()) {
      without_probe.add(map.genes[g]);
      continue;
    }
    genes.features.push_back(map.genes[g]);
    kept.push_back(&mapped.of_gene[g]);
  }
  genes.values.reserve(genes.samples.size() * kept.size());
  std::vector<double> values(mapped.columns.size());
  for (size_t s = 0; s < probes.num_samples(); ++s) {
    const float* row = probes.row(s);
    for (size_t p = 0; p < values.size(); ++p) {
      Mean replicates;
      for (const size_t column : mapped.columns[p]) {
        replicates.add(row[column]);
        if (std::isnan(row[column]) && missing.count++ == 0)
          missing.first =
              fmt::format("sample {}, probe {}", probes.samples[s], probes.features[column]);
      }
      values[p] = replicates.value();
    }
    for (const auto* members : kept) {
      Mean mean;
      for (const size_t p : *members) mean.add(values[p]);
      genes.values.push_back(static_cast<float>(mean.value()));
    }
  }
  note_tally(findings, modality, "probes_masked", mapped.masked);
  note_tally(findings, modality, "probes_on_left_out_chromosomes", mapped.on_chromosome);
  note_tally(findings, modality, "probes_without_gene", mapped.without_gene);
  note_tally(findings, modality, "probes_mapped", mapped.mapped);
  note_tally(findings, modality, "probe_replicates", mapped.replicates);
  note_tally(findings, modality, "genes_without_probe", without_probe);
  note_tally(findings, modality, "probe_values_missing", missing);
  return genes;
}

}  // namespace cohesin
