// Functions of files: prepare, simulate, split, train, crossval, evaluate, score, report.
#include <cstdint>
#include <filesystem>
#include <string>

#include "cohesin/run/answer.h"
#include "cohesin/run/crossval.h"
#include "cohesin/run/prepare_omics.h"
#include "cohesin/run/report_run.h"
#include "cohesin/run/score.h"
#include "cohesin/run/simulate_omics.h"
#include "cohesin/run/split_samples.h"
#include "cohesin/run/train_recipe.h"
#include "python/bindings/cohort_keywords.h"
#include "python/bindings/keyword_reader.h"

namespace cohesin::python {
namespace {

void take_run_options(KeywordReader& reader, RunOptions& run) {
  reader.take("device", run.device).take("precision", run.precision).take("threads", run.threads);
}

// Rows (modality, what, count, first).
nb::list prepare(const nb::kwargs& arguments) {
  PrepareOptions options;
  KeywordReader reader(arguments);
  take_cohort(reader, options.input);
  reader.take("out", options.out).take("force", options.force).finish();
  const Findings findings = without_lock([&] { return run_prepare_omics(options); });
  nb::list rows;
  for (const Finding& row : findings)
    rows.append(nb::make_tuple(row.modality, row.what, row.count, row.first));
  return rows;
}

std::string simulate(const nb::kwargs& arguments) {
  SimulateOmicsOptions options;
  std::filesystem::path out;
  bool force = false;
  KeywordReader reader(arguments);
  reader.take("samples", options.num_samples)
      .take("genes", options.num_genes)
      .take("classes", options.num_classes)
      .take("missing_fraction", options.missing_fraction)
      .take("effect", options.effect)
      .take("coupled_genes", options.coupled_genes)
      .take("coupling", options.coupling)
      .take("batch_effect", options.batch_effect)
      .take("seed", options.seed)
      .take("out", out)
      .take("force", force)
      .finish();
  return without_lock([&] { return simulate_omics(options, out, force); });
}

std::string split(const nb::kwargs& arguments) {
  SplitOptions options;
  KeywordReader(arguments)
      .take("data", options.data)
      .take("out", options.out)
      .take("folds", options.folds)
      .take("fractions", options.fractions)
      .take("stratify", options.stratify)
      .take("leave_out", options.leave_out)
      .take("min_size", options.min_size)
      .take("group", options.group)
      .take("seed", options.seed)
      .take("force", options.force)
      .finish();
  return without_lock([&] { return describe_split(run_split(options)); });
}

void train(const nb::kwargs& arguments) {
  TrainOptions options;
  KeywordReader reader(arguments);
  reader.take("recipe", options.recipe)
      .take("data", options.data)
      .take("out", options.out)
      .take("split", options.split)
      .take("init", options.init)
      .take("assignments", options.assignments)
      .take("seed", options.seed)
      .take("pretrain_on_unassigned", options.pretrain_on_unassigned)
      .take("allow_shared_patients", options.allow_shared_patients)
      .take("resume", options.resume)
      .take("force", options.force);
  take_run_options(reader, options.run);
  reader.finish();
  without_lock([&] { train_recipe(options); });
}

void crossval(const nb::kwargs& arguments) {
  CrossvalOptions options;
  KeywordReader reader(arguments);
  reader.take("recipe", options.recipe)
      .take("data", options.data)
      .take("folds", options.folds)
      .take("out", options.out)
      .take("init", options.init)
      .take("without", options.without)
      .take("assignments", options.assignments)
      .take("seed", options.seed)
      .take("fold", options.fold)
      .take("permute_labels", options.permute_labels)
      .take("pretrain_on_unassigned", options.pretrain_on_unassigned)
      .take("allow_shared_patients", options.allow_shared_patients)
      .take("resume", options.resume)
      .take("force", options.force);
  take_run_options(reader, options.run);
  reader.finish();
  without_lock([&] { cross_validate(options); });
}

void score(const nb::kwargs& arguments) {
  ScoreOptions options;
  KeywordReader(arguments)
      .take("predictions", options.predictions)
      .take("out", options.out)
      .take("seed", options.seed)
      .take("force", options.force)
      .finish();
  without_lock([&] { run_score(options); });
}

void report(const std::filesystem::path& folder, const std::filesystem::path& out, bool force) {
  without_lock([&] { write_report(folder, out, force); });
}

}  // namespace

void add_run_functions(nb::module_& module) {
  module.def("prepare", &prepare);
  module.def("simulate", &simulate);
  module.def("split", &split);
  module.def("train", &train);
  module.def("crossval", &crossval);
  module.def("score", &score);
  module.def("report", &report);
}

}  // namespace cohesin::python
