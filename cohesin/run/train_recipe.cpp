#include "cohesin/run/train_recipe.h"

#include <memory>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/run_record.h"
#include "cohesin/run/cohort_ensemble.h"
#include "cohesin/run/cohort_fit.h"
#include "cohesin/run/cohort_split.h"
#include "cohesin/run/leakage.h"
#include "cohesin/run/run_setup.h"
#include "cohesin/run/track_fit.h"

namespace cohesin {

void train_recipe(const TrainOptions& options) {
  check_device(options.run.device);
  CohortFit fit;
  auto assignments = options.assignments;
  if (options.seed) assignments.push_back(fmt::format("train.seed={}", *options.seed));
  fit.recipe = read_recipe_for(options.recipe, assignments, options.init);
  if (!options.resume) require_absent_or_force(options.out, options.force);
  if (fit.recipe.task.name == "tracks") return train_tracks(options, fit.recipe);
  auto cohort = std::make_shared<MultiOmics>(read_samples(options.data));
  fit.cohort = cohort;
  if (options.split.empty()) {
    for (size_t i = 0; i < cohort->num_samples(); ++i) fit.train.push_back(static_cast<int64_t>(i));
  } else {
    CohortSplit split = read_cohort_split(options.split, *cohort, options.allow_shared_patients);
    warn_of_identical_samples(split.parts, *cohort);
    if (split.parts.count("train") == 0)
      throw Error("{}: no sample with split 'train'", options.split.string());
    fit.train = split.parts["train"];
    fit.validation = split.parts["valid"];
    if (options.pretrain_on_unassigned)
      fit.unlabelled.insert(fit.unlabelled.end(), split.unassigned.begin(), split.unassigned.end());
  }
  fit.out = options.out;
  fit.init = options.init;
  fit.resume = options.resume;
  fit.precision = parse_precision(options.run.precision);
  if (options.force && !options.resume) std::filesystem::remove_all(options.out);
  if (options.resume && !std::filesystem::is_directory(options.out))
    throw Error("{}: nothing to resume; leave --resume out to start", options.out.string());
  make_folder(options.out);
  RunRecord record =
      record_of(fit.recipe, options.run,
                {options.recipe, options.data, options.split, weights_of_start(options.init)});
  run_recorded(record, options.out / "run.json", [&fit] { fit_cohort(fit); });
}

}  // namespace cohesin
