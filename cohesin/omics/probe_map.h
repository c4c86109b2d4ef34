#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cohesin/omics/findings.h"
#include "cohesin/omics/table.h"

namespace cohesin {

// The probe without the suffix by which EPICv2 tells replicates apart: strand T or B, converted
// strand C or O, design and replicate (cg00000029_TC21, cg00000029_BC11 -> cg00000029).
std::string_view probe_base_name(std::string_view probe);

// Array probes and the genes they belong to, many to many; probes by their base name.
struct ProbeMap {
  std::vector<std::string> genes;                                  // in order of first appearance
  std::unordered_map<std::string, int64_t> position_of;            // of a gene in `genes`
  std::unordered_map<std::string, std::vector<int64_t>> genes_of;  // of a probe, positions
  std::string first_probe;                                         // as it was added
  std::string columns;  // where the file said so: "Name, UCSC_RefGene_Name"

  std::unordered_set<std::string> on_left_out_chromosome;  // base names
  // Probes to leave out; a base name stands for all its replicates.
  std::unordered_set<std::string> masked;
  std::string first_masked;
};

// Adds the pair; a pair that is there already changes nothing.
void add_probe(ProbeMap& map, std::string_view probe, const std::string& gene);

// Gene values: the mean over a gene's measured probes, NaN where none is measured; replicates of a
// probe count as one, their mean. Genes of which the table has no probe are left out. Noted:
// probes_masked, probes_on_left_out_chromosomes, probes_without_gene (each probe once, in this
// order), probes_mapped, probe_replicates (columns beyond the first of a probe),
// probe_values_missing, genes_without_probe. Throws Error when no probe of the table is left.
Table average_probes(const Table& probes, const ProbeMap& map, const std::string& modality,
                     const std::string& where, Findings& findings);

}  // namespace cohesin
