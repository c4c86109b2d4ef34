#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "cohesin/io/row_journal.h"

namespace cohesin {

// Work in pieces that outlive a kill, each one record of a journal.
struct JournalJobs {
  std::string what, unit;  // of the progress: "predicting", "windows"
  std::string input;       // what the jobs come from, for errors: "regions"
  size_t count = 0;
  // A digest of all that the jobs up to this one have read, from that of those before it.
  std::function<std::string(const std::string& before, size_t job)> mark;
  std::function<RowBlock(size_t job)> work;
};

// Does the jobs that the journal `part` does not have yet. Throws Error when it was begun with
// other input, Interrupted after a signal, with all that is done put away.
void run_journal_jobs(const JournalJobs& jobs, RowJournal& journal,
                      const std::filesystem::path& part);

}  // namespace cohesin
