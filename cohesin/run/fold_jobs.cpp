#include "cohesin/run/fold_jobs.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "cohesin/base/jobs.h"
#include "cohesin/base/log.h"

namespace cohesin {

namespace {

// The words of `cohesin crossval` for these options, without those of folds and threads.
std::vector<std::string> words_of(const CrossvalOptions& options) {
  std::vector<std::string> words = {own_program(), "crossval", options.recipe.string()};
  const auto add = [&words](const char* flag, const std::string& value) {
    words.insert(words.end(), {flag, value});
  };
  add("--data", options.data.string());
  add("--folds", options.folds.string());
  add("--out", options.out.string());
  if (!options.init.empty()) add("--init", options.init.string());
  for (const auto& hidden : options.without) add("--without", hidden);
  for (const auto& assignment : options.assignments) add("--set", assignment);
  if (options.seed) add("--seed", fmt::format("{}", *options.seed));
  if (options.permute_labels) add("--permute-labels", fmt::format("{}", *options.permute_labels));
  if (options.pretrain_on_unassigned) words.emplace_back("--pretrain-on-unassigned");
  if (options.allow_shared_patients) words.emplace_back("--allow-shared-patients");
  add("--device", options.run.device);
  add("--precision", options.run.precision);
  words.emplace_back("--resume");  // the folder is there already; what a fold has left goes on
  return words;
}

}  // namespace

void run_folds_as_jobs(const CrossvalOptions& options, const std::vector<std::string>& folds) {
  const int64_t threads = std::max<int64_t>(1, at::get_num_threads() / options.jobs);
  log_info("{} folds, {} at a time with {} thread{} each", folds.size(), options.jobs, threads,
           threads == 1 ? "" : "s");
  std::vector<Job> jobs;
  for (const auto& fold : folds) {
    Job job{"fold " + fold, words_of(options)};
    job.words.insert(job.words.end(), {"--fold", fold, "--threads", fmt::format("{}", threads)});
    jobs.push_back(std::move(job));
  }
  run_jobs(jobs, options.jobs);
}

}  // namespace cohesin
