#pragma once

#include <filesystem>

#include "cohesin/report/report_data.h"

namespace cohesin {

// What a report of `folder` says; the folder is one that crossval or train left, or any with the
// same files. One of predictions.tsv, scores.json and log.jsonl must be there, all else is
// optional:
//   predictions.tsv, baselines/NAME/predictions.tsv   what was predicted (model, baselines)
//   scores.json        the scores; computed from the predictions where it is absent
//   embeddings.tsv     `sample`, optional `fold`, then one column a dimension
//   log.jsonl          of the folder and of folders within (fold_K, seed_K, pretraining)
//   prepare.tsv        `modality what count first`
//   config.json, run.json   the recipe with its defaults; versions, seed and input digests
// Nothing volatile (time, command, threads, paths) is taken over, so that the same results give the
// same page. Throws Error that names the file that is broken.
ReportData collect_report(const std::filesystem::path& folder);

// Writes the page of collect_report. An existing file is replaced only with `force`.
void write_report(const std::filesystem::path& folder, const std::filesystem::path& out,
                  bool force);

}  // namespace cohesin
