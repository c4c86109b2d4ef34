#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cohesin/omics/convert_unit.h"
#include "cohesin/omics/findings.h"
#include "cohesin/omics/probe_map.h"
#include "cohesin/omics/table.h"

namespace cohesin {

// A row of the GDC portal's sample sheet (TSV: File ID, File Name, Data Category, Data Type,
// Project ID, Case ID, Sample ID, Sample Type; since 2024 Tissue Type and Tumor Descriptor in place
// of the last: "Primary" and "Tumor" are read as "Primary Tumor").
struct SheetRow {
  std::string file_name, project, case_id, sample_id, sample_type;
};
std::vector<SheetRow> read_sample_sheet(const std::filesystem::path& path);

struct GdcOptions {
  std::string modality = "NAME";            // as messages call it
  std::string unit = {};                    // as with --unit; empty: what the files are made for
  std::filesystem::path sample_sheet = {};  // empty: names are those of the files
  std::string sample_type = {};             // empty: all; see sample_type_matches
  const ProbeMap* probe_map = nullptr;      // level3betas: gene means instead of probes
};

struct GdcData {
  Table table;                          // features: gene_id with version, or probes, or genes
  std::vector<std::string> gene_names;  // [features], STAR counts only
  FileUnit unit;                        // of `table`: counts and fpkm are not yet TPM
  std::vector<SheetRow> sheet;          // [samples]; empty without sample sheet
};

// Reads a folder as the GDC's download tools leave it, one folder a file or flat, plain or gzip.
//   STAR counts (`*.rna_seq.augmented_star_gene_counts.tsv`): comment `# gene-model: ...`, a header
//   with gene_id, gene_name and tpm_unstranded, fpkm_unstranded, unstranded; the N_* rows are sums,
//   not genes. Unit tpm (default), fpkm or counts chooses the column.
//   Methylation (`*level3betas.txt`): no header; probe, beta or NA. Unit beta (default).
// Where a folder holds both, the unit decides, or else the modality's name (rnaseq, methylation).
// A sample is called by its Sample ID in the sheet, else by its file's name up to the first dot.
// All files must have the same genes (probes may differ where a probe map makes genes of them).
// Noted: files_read, files_not_in_sheet, sheet_rows_without_file, samples_of_other_type,
// other_files, star_summary_rows, and what average_probes notes.
GdcData read_gdc_folder(const std::filesystem::path& folder, const GdcOptions& options,
                        Findings& findings);

}  // namespace cohesin
