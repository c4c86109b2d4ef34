#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cohesin/omics/findings.h"
#include "cohesin/omics/multi_omics.h"

namespace cohesin {

// The files of a cohort and how they are to be read: one member a flag of `prepare omics`.
struct CohortInput {
  std::vector<std::string> modalities;    // NAME=FILE; a NAME that repeats appends rows
  std::vector<std::string> units;         // NAME=UNIT, see parse_file_unit
  std::vector<std::string> orientations;  // NAME=samples-by-features|features-by-samples
  std::vector<std::string> cohorts;       // FILE=VALUE, FILE as in `modalities`
  std::filesystem::path genes;            // align to this list; empty: own features
  std::string missing_genes = "error";    // error, zero, mask
  std::filesystem::path aliases;          // alias, gene
  std::filesystem::path gene_lengths;     // gene, bases: counts become TPM
  std::string missing_values = "error";   // error, mask, median
  std::string duplicates = "error";       // error, first, mean
  bool complete_cases = false;            // only samples with every modality
  std::filesystem::path labels;
  std::string label_id;                  // column of the labels; empty: the first
  std::string label_by = "sample";       // sample, patient
  std::vector<std::string> class_names;  // COL=FILE
  std::string time;                      // COL:days|months|years
  std::string event;                     // COL or COL=VALUE
  std::string invalid_times = "error";   // error, exclude
  std::string patient;                   // column; see docs/cohort-format.md for the default
  std::filesystem::path sample_sheet;    // GDC
  std::string sample_type;               // "Primary Tumor", tumor, normal, ...
  std::filesystem::path probe_map;       // see read_probe_map
  std::filesystem::path masked_probes;   // a probe a line, left out of the gene means
  std::vector<std::string> without_chromosomes;  // X, Y: their probes are left out
};

// Reads, checks and joins everything: CSV and TSV tables, h5ad, h5mu (the modality NAME of it) and
// folders of GDC files. The samples are the union, those of the first modality first. obs has
// patient, cohort, the columns of the labels, time_days and event. Throws Error for whatever does
// not fit and no flag decides; all else that was matched, changed or left out is noted.
MultiOmics read_cohort(const CohortInput& input, Findings& findings);

// "NAME=VALUE" cut at the first '='; throws Error naming `flag`.
std::pair<std::string, std::string> split_assignment(const std::string& text,
                                                     const std::string& flag);

}  // namespace cohesin
