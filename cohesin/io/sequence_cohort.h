#pragma once

#include <filesystem>

#include "cohesin/omics/multi_omics.h"

namespace cohesin {

inline constexpr const char* kSequenceModality = "sequence";

// Sequences as a cohort of one sequence modality, `sequence`, one sample a record. Letters are kept
// as they stand. Either FASTA (plain, gzip, bgzip), whose records' ids are the samples; or a CSV or
// TSV table with the columns `sequence`, optional `sample` (else the row, from 1), optional `group`
// or `patient` (what must not be divided by a split) and any others (labels, values), which become
// columns of obs as typed_column has them; one whose every field is as long as its sequence stays
// text. obs gets `patient`: the group, else the first sample with the same sequence (in any case).
//
// Throws Error naming the file, and the line where there is one: no column `sequence`, an empty
// sequence, a sample that occurs twice, a ragged row.
MultiOmics read_sequence_cohort(const std::filesystem::path& path);

}  // namespace cohesin
