#include "cohesin/run/journal_jobs.h"

#include "cohesin/base/error.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/base/progress.h"

namespace cohesin {

void run_journal_jobs(const JournalJobs& jobs, RowJournal& journal,
                      const std::filesystem::path& part) {
  Progress progress(jobs.what, static_cast<int64_t>(jobs.count), jobs.unit);
  std::string mark;
  const auto num_done = static_cast<size_t>(journal.num_records());
  for (size_t i = 0; i < num_done && i < jobs.count; ++i) mark = jobs.mark(mark, i);
  if (num_done > jobs.count || mark != journal.mark())
    throw Error("{}: was begun with another genome or other {}; pass --force to begin anew",
                part.string(), jobs.input);
  if (num_done > 0)
    log_info("going on after {} of {} {} of {}", num_done, jobs.count, jobs.unit, part.string());
  progress.start_at(journal.num_records());
  for (size_t i = num_done; i < jobs.count; ++i) {
    mark = jobs.mark(mark, i);
    journal.append(jobs.work(i), mark);
    progress.advance();
    stop_here_if_requested();
  }
}

}  // namespace cohesin
