#pragma once

#include <filesystem>
#include <string>
#include <unordered_set>
#include <vector>

#include "cohesin/omics/probe_map.h"

namespace cohesin {

struct ProbeMapOptions {
  std::vector<std::string> without_chromosomes = {};  // X or chrX
};

// Which genes the probes of a methylation array belong to, plain or gzip:
//   two fields a line, probe and gene, tab or comma, with or without header;
//   a table whose header names a column of probes, one of genes and perhaps one of chromosomes,
//   among others: Illumina's manifests (CSV with [Heading], [Assay] and [Controls];
//   UCSC_RefGene_Name), annotations of the GDC and SeSAMe (probeID, genesUniq, CpG_chrm), Xena's
//   probe maps (#id, gene).
// Several genes of a probe stand in one field (`;` or `,` between them, repeats count once) or in
// several lines. A probe without gene is left out. `without_chromosomes` marks the probes there.
// Throws Error naming file and line: neither of these, a wrong number of fields, no pair at all, no
// column of chromosomes where one is needed, chromosomes of which none occurs.
ProbeMap read_probe_map(const std::filesystem::path& path, const ProbeMapOptions& options = {});

// Adds a list of probes to leave out, one a line, with or without header. Throws Error.
void read_masked_probes(const std::filesystem::path& path, ProbeMap& map);

}  // namespace cohesin
