#pragma once

#include <CLI/CLI.hpp>

#include "cohesin/run/cohort_input.h"

namespace cohesin::cli {

// The flags that say which tables make a cohort and how to read them (`prepare omics`, and every
// verb that takes plain tables).
void add_cohort_options(CLI::App& verb, CohortInput& input);

}  // namespace cohesin::cli
