// Functions that ask a trained checkpoint, and tables of predictions.
#include <nanobind/ndarray.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "cohesin/io/h5mu.h"
#include "cohesin/io/predictions.h"
#include "cohesin/run/answer.h"
#include "cohesin/run/explain.h"
#include "python/bindings/cohort_keywords.h"
#include "python/bindings/keyword_reader.h"

namespace cohesin::python {
namespace {

using Cohort = std::shared_ptr<const MultiOmics>;

// A prepared cohort (`data`), or tables.
struct Source {
  std::filesystem::path data;
  CohortInput tables;
};

void take_source(KeywordReader& reader, Source& source) {
  reader.take("data", source.data);
  take_cohort(reader, source.tables);
}

Cohort read_source(const Source& source) {
  if (!source.data.empty()) return std::make_shared<const MultiOmics>(read_h5mu(source.data));
  Findings findings;
  return std::make_shared<const MultiOmics>(read_cohort(source.tables, findings));
}

void take_answer_options(KeywordReader& reader, const nb::kwargs& arguments,
                         AnswerOptions& answer) {
  reader.take("checkpoint", answer.checkpoint)
      .take("member", answer.member)
      .take("base", answer.base)
      .take("without", answer.without)
      .take("coverage", answer.coverage);
  std::string policy;  // the cohort's own flag of the same name serves both
  KeywordReader(arguments).take("missing_genes", policy);
  if (!policy.empty()) answer.missing_genes = parse_missing_genes(policy);
}

nb::object to_numpy(std::vector<double> values, std::vector<size_t> shape) {
  auto owned = std::make_unique<std::vector<double>>(std::move(values));
  double* data = owned->data();
  const nb::capsule owner(owned.release(), [](void* vector) noexcept {
    delete static_cast<std::vector<double>*>(vector);
  });
  return nb::cast(nb::ndarray<nb::numpy, double>(data, shape.size(), shape.data(), owner));
}

nb::dict to_dict(const PredictionTable& table) {
  const size_t rows = table.num_rows();
  nb::dict all;
  all["samples"] = table.sample;
  all["fold"] = table.fold;
  all["modalities"] = table.modalities;
  all["hidden"] = table.hidden;
  all["cohort"] = table.cohort;
  all["unusual"] = table.unusual;
  if (const auto& kind = table.classes) {
    all["classes"] = kind->classes;
    all["label"] = kind->label;
    all["predicted"] = kind->predicted;
    all["probability"] = to_numpy(kind->probability, {rows, kind->classes.size()});
    if (kind->coverage > 0) all["coverage"] = kind->coverage;
    all["set"] = kind->set;
  }
  if (const auto& kind = table.survival) {
    all["time_days"] = to_numpy(kind->time_days, {rows});
    all["event"] = kind->event;
    all["risk"] = to_numpy(kind->risk, {rows});
    all["horizons_days"] = to_numpy(kind->horizons_days, {kind->horizons_days.size()});
    all["survival"] = to_numpy(kind->survival, {rows, kind->horizons_days.size()});
    all["risk_group"] = kind->group;
  }
  if (const auto& kind = table.values) {
    all["targets"] = kind->names;
    all["target_values"] = to_numpy(kind->target, {rows, kind->names.size()});
    all["predicted_values"] = to_numpy(kind->predicted, {rows, kind->names.size()});
  }
  return all;
}

// The text of predictions.tsv from what to_dict gives, with lists in the place of arrays.
std::string predictions_text(const nb::kwargs& arguments) {
  PredictionTable table;
  ClassPredictions classes;
  SurvivalPredictions survival;
  ValuePredictions values;
  KeywordReader(arguments)
      .take("samples", table.sample)
      .take("fold", table.fold)
      .take("modalities", table.modalities)
      .take("hidden", table.hidden)
      .take("cohort", table.cohort)
      .take("unusual", table.unusual)
      .take("classes", classes.classes)
      .take("label", classes.label)
      .take("predicted", classes.predicted)
      .take("probability", classes.probability)
      .take("coverage", classes.coverage)
      .take("set", classes.set)
      .take("time_days", survival.time_days)
      .take("event", survival.event)
      .take("risk", survival.risk)
      .take("horizons_days", survival.horizons_days)
      .take("survival", survival.survival)
      .take("risk_group", survival.group)
      .take("targets", values.names)
      .take("target_values", values.target)
      .take("predicted_values", values.predicted)
      .finish();
  if (!classes.classes.empty()) table.classes = std::move(classes);
  if (!survival.risk.empty()) table.survival = std::move(survival);
  if (!values.names.empty()) table.values = std::move(values);
  return format_predictions(table);
}

nb::dict predict(const nb::kwargs& arguments) {
  AnswerOptions answer;
  Source source;
  KeywordReader reader(arguments);
  take_answer_options(reader, arguments, answer);
  take_source(reader, source);
  reader.finish();
  return to_dict(without_lock([&] {
    if (!source.data.empty()) return predict_file(answer, source.data);
    const Cohort cohort = read_source(source);
    std::vector<int64_t> samples(cohort->num_samples());
    std::iota(samples.begin(), samples.end(), 0);
    return predict_cohort(answer, cohort, samples);
  }));
}

// Writes the .npy file `out` and `out`.samples.txt.
void embed(const nb::kwargs& arguments) {
  EmbedOptions options;
  Source source;
  KeywordReader reader(arguments);
  take_answer_options(reader, arguments, options.answer);
  take_source(reader, source);
  reader.take("layer", options.request.layer)
      .take("per_feature", options.request.per_feature)
      .take("hidden", options.request.hidden)
      .take("out", options.out)
      .finish();
  without_lock([&] { embed_cohort(options, read_source(source)); });
}

void evaluate_checkpoint(const nb::kwargs& arguments) {
  EvaluateOptions options;
  std::string policy;
  KeywordReader reader(arguments);
  take_answer_options(reader, arguments, options.answer);
  reader.take("missing_genes", policy)
      .take("data", options.data)
      .take("out", options.out)
      .take("split", options.split)
      .take("part", options.part)
      .take("allow_shared_patients", options.allow_shared_patients)
      .take("seed", options.seed)
      .finish();
  without_lock([&] { evaluate(options); });
}

void explain_checkpoint(const nb::kwargs& arguments) {
  ExplainOptions options;
  KeywordReader(arguments)
      .take("checkpoint", options.checkpoint)
      .take("base", options.base)
      .take("data", options.data)
      .take("out", options.out)
      .take("method", options.method)
      .take("baseline", options.baseline)
      .take("steps", options.steps)
      .take("top", options.top)
      .take("samples", options.samples)
      .take("split", options.split)
      .take("part", options.part)
      .take("gmt", options.gmt)
      .take("smallest_set", options.smallest_set)
      .take("largest_set", options.largest_set)
      .take("permutations", options.permutations)
      .take("attention", options.attention)
      .take("per_sample", options.per_sample)
      .take("seed", options.seed)
      .take("force", options.force)
      .finish();
  without_lock([&] { explain(options); });
}

nb::dict read_predictions_file(const std::filesystem::path& path) {
  return to_dict(without_lock([&path] { return read_predictions(path); }));
}

}  // namespace

void add_answer_functions(nb::module_& module) {
  module.def("predict", &predict);
  module.def("embed", &embed);
  module.def("evaluate", &evaluate_checkpoint);
  module.def("explain", &explain_checkpoint);
  module.def("read_predictions", &read_predictions_file);
  module.def("predictions_text", &predictions_text);
}

}  // namespace cohesin::python
