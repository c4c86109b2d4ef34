#pragma once

#include <string>
#include <vector>

#include "cohesin/run/crossval.h"

namespace cohesin {

// Each fold by a process of its own, `options.jobs` at a time, each with its share of the threads:
// this command with `--fold`. See run_jobs for failures and signals.
void run_folds_as_jobs(const CrossvalOptions& options, const std::vector<std::string>& folds);

}  // namespace cohesin
