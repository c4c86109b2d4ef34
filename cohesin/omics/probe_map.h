#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "cohesin/omics/findings.h"
#include "cohesin/omics/table.h"

namespace cohesin {

// Array probes and the genes they belong to, many to many.
struct ProbeMap {
  std::vector<std::string> genes;                                  // in order of first appearance
  std::unordered_map<std::string, int64_t> position_of;            // of a gene in `genes`
  std::unordered_map<std::string, std::vector<int64_t>> genes_of;  // of a probe, positions
};

// Adds the pair; a pair that is there already changes nothing.
void add_probe(ProbeMap& map, const std::string& probe, const std::string& gene);

// Gene values: the mean over a gene's measured probes, NaN where none is measured. Genes of which
// the table has no probe are left out. Noted: probes_mapped, probes_without_gene,
// probe_values_missing, genes_without_probe. Throws Error when no probe of the table is in the map.
Table average_probes(const Table& probes, const ProbeMap& map, const std::string& modality,
                     const std::string& where, Findings& findings);

}  // namespace cohesin
