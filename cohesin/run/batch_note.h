#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/report/report_data.h"
#include "cohesin/run/task_targets.h"

namespace cohesin {

// How far what the samples come from goes together with what is predicted: the columns `batch`,
// `site` and `cohort` of the cohort and the tissue source site of TCGA barcodes, each against the
// class (or whether an event was observed), over those of `samples` where both are known. A
// grouping that is constant, or the target itself, is left out. The text of `batches.tsv`; empty
// where nothing can be said.
std::string batch_note_text(const MultiOmics& cohort, const TaskConfig& task,
                            const TaskTargets& targets, const std::vector<int64_t>& samples);

// batches.tsv for the report. Throws Error naming file and line.
std::vector<BatchAssociation> read_batch_note(const std::filesystem::path& path);

}  // namespace cohesin
