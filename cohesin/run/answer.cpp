#include "cohesin/run/answer.h"

#include <cmath>
#include <numeric>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/io/npy.h"
#include "cohesin/io/predictions.h"
#include "cohesin/run/cohort_split.h"
#include "cohesin/run/leakage.h"
#include "cohesin/run/omics_baselines.h"
#include "cohesin/run/score.h"
#include "cohesin/run/task_predictions.h"

namespace cohesin {

namespace {

namespace fs = std::filesystem;
const std::string kBaselinePrefix = "baseline:";

bool is_baseline(const AnswerOptions& options) {
  return options.member.rfind(kBaselinePrefix, 0) == 0;
}

// The folder that `--member` names, or the checkpoint itself.
fs::path member_path(const AnswerOptions& options) {
  if (options.member.empty()) return options.checkpoint;
  const fs::path path = is_baseline(options)
                            ? options.checkpoint / "baselines" /
                                  folder_of_baseline(options.member.substr(kBaselinePrefix.size()))
                            : options.checkpoint / options.member;
  if (!fs::is_directory(path))
    throw Error("--member {}: no folder {}; expected fold_K or baseline:NAME of a crossval folder",
                options.member, path.string());
  return path;
}

std::vector<int64_t> all_samples(const MultiOmics& cohort) {
  std::vector<int64_t> samples(cohort.num_samples());
  std::iota(samples.begin(), samples.end(), 0);
  return samples;
}

std::vector<std::string> conditions(const AnswerOptions& options) {
  std::vector<std::string> hidden = {""};
  hidden.insert(hidden.end(), options.without.begin(), options.without.end());
  return hidden;
}

// A baseline of a crossval folder: the mean over its folds.
PredictionTable predict_with_baseline(const AnswerOptions& options,
                                      const std::shared_ptr<const MultiOmics>& cohort,
                                      const std::vector<int64_t>& samples) {
  std::vector<FittedBaseline> folds = load_baselines(member_path(options));
  PredictionTable table;
  for (const auto& hidden : conditions(options)) {
    SamplePredictions mean;
    for (const auto& fold : folds) {
      const SamplePredictions one = predict_baseline(fold, cohort, samples, hidden);
      if (mean.samples.empty()) {
        mean = one;
        mean.answers = HeadAnswers::zeros(fold.task, one.samples.size());
        if (one.answers.risk.empty()) mean.answers.risk.clear();
        if (one.answers.probability.empty()) mean.answers.probability.clear();
      }
      mean.answers.add_risk_cuts(fold.calibration.risk_cuts, folds.size());
      mean.answers.add(one.answers, 0, one.samples.size(), 1 / static_cast<double>(folds.size()));
    }
    append_rows(table, prediction_table(mean, folds.front().task, *cohort, "", hidden));
  }
  return table;
}

void write_tsv(const fs::path& path, const std::vector<std::string>& names,
               const Embeddings& embeddings) {
  std::string text = "sample";
  for (int64_t d = 0; d < embeddings.dim; ++d) text += fmt::format("\te{}", d);
  text += "\n";
  for (size_t i = 0; i < names.size(); ++i) {
    text += names[i];
    for (int64_t d = 0; d < embeddings.dim; ++d)
      text += fmt::format(
          "\t{}",
          embeddings.values[i * static_cast<size_t>(embeddings.dim) + static_cast<size_t>(d)]);
    text += "\n";
  }
  write_text(path, text);
}

void write_embeddings_h5ad(const fs::path& path, const MultiOmics& cohort,
                           const Embeddings& embeddings) {
  AnnotatedMatrix file;
  file.obs = select_samples(cohort, embeddings.samples).obs;
  file.table.samples = file.obs.index;
  file.obsm.push_back({"X_cohesin", static_cast<size_t>(embeddings.dim), embeddings.values});
  write_h5ad(file, path);
}

// Of the split's training part, for the censoring; empty without a split or follow-up.
SurvivalOutcomes training_follow_up(const MultiOmics& cohort, const CohortSplit& split) {
  SurvivalOutcomes training;
  const auto part = split.parts.find("train");
  const Column* time = cohort.obs.find("time_days");
  const Column* event = cohort.obs.find("event");
  if (part == split.parts.end() || time == nullptr || time->is_text() || event == nullptr ||
      event->is_text())
    return training;
  for (const int64_t sample : part->second) {
    const auto i = static_cast<size_t>(sample);
    if (std::isnan(time->numbers()[i]) || std::isnan(event->numbers()[i])) continue;
    training.time_days.push_back(time->numbers()[i]);
    training.event.push_back(event->numbers()[i] == 1 ? 1 : 0);
  }
  return training;
}

}  // namespace

PredictionTable predict_cohort(const AnswerOptions& options,
                               const std::shared_ptr<const MultiOmics>& cohort,
                               const std::vector<int64_t>& samples) {
  if (is_baseline(options) && options.member != kBaselinePrefix + "mlp")
    return predict_with_baseline(options, cohort, samples);
  const OmicsEnsemble members = load_ensemble(member_path(options), options.base);
  const TaskConfig& task = members.front().recipe.task;
  PredictionTable table;
  for (const auto& hidden : conditions(options))
    append_rows(table, prediction_table(
                           predict_samples(members, cohort, samples, hidden, options.missing_genes),
                           task, *cohort, "", hidden));
  return table;
}

void run_predict(const PredictOptions& options, const std::shared_ptr<const MultiOmics>& cohort) {
  require_absent_or_force(options.out, options.force);
  write_predictions(options.out, predict_cohort(options.answer, cohort, all_samples(*cohort)));
}

std::string evaluate(const EvaluateOptions& options) {
  require_absent_or_force(options.out, options.force);
  const auto cohort = std::make_shared<const MultiOmics>(read_h5mu(options.data));
  std::vector<int64_t> samples = all_samples(*cohort);
  CohortSplit split;
  if (!options.split.empty()) {
    split = read_cohort_split(options.split, *cohort, options.allow_shared_patients);
    if (split.parts.count(options.part) == 0)
      throw Error("{}: no sample with split '{}'", options.split.string(), options.part);
    samples = split.parts.at(options.part);
  }
  const PredictionTable table = predict_cohort(options.answer, cohort, samples);
  Scores scores;
  scores.task = task_name(table);
  const SurvivalOutcomes training = training_follow_up(*cohort, split);
  scores.groups = score_predictions(table, options.data.string(), {options.seed}, &training);
  const fs::path trained =
      is_baseline(options.answer) ? options.answer.checkpoint : member_path(options.answer);
  const std::string overlap = describe_overlap(read_training_samples(trained), *cohort, samples);
  if (!overlap.empty()) {
    log_warning("{}", overlap);
    scores.notes.push_back(overlap);
  }
  write_text(options.out, write_scores(scores));
  return describe_scores(scores);
}

void embed_cohort(const EmbedOptions& options, const std::shared_ptr<const MultiOmics>& cohort) {
  require_absent_or_force(options.out, options.force);
  const auto folders = member_folders(member_path(options.answer));
  if (folders.size() > 1)
    throw Error(
        "{}: {} members have as many embedding spaces; pass one of them as --checkpoint, "
        "for example {}",
        options.answer.checkpoint.string(), folders.size(), folders.front().string());
  const OmicsCheckpoint checkpoint = load_omics_checkpoint(folders.front(), options.answer.base);
  const Embeddings embeddings = embed_omics(checkpoint, cohort, all_samples(*cohort),
                                            options.request, options.answer.missing_genes);
  std::vector<std::string> names;
  for (const int64_t sample : embeddings.samples)
    names.push_back(cohort->obs.index[static_cast<size_t>(sample)]);
  const std::string extension = options.out.extension().string();
  if (options.request.per_feature && extension != ".npy")
    throw Error("{}: embeddings per feature are an array of three dimensions; name a .npy file",
                options.out.string());
  if (extension == ".npy") {
    const auto count = static_cast<int64_t>(names.size());
    write_npy(options.out, embeddings.values,
              options.request.per_feature
                  ? std::vector<int64_t>{count, embeddings.num_positions, embeddings.dim}
                  : std::vector<int64_t>{count, embeddings.dim});
    std::string text;
    for (const auto& name : names) text += name + "\n";
    write_text(options.out.string() + ".samples.txt", text);
  } else if (extension == ".tsv") {
    write_tsv(options.out, names, embeddings);
  } else if (extension == ".h5ad") {
    write_embeddings_h5ad(options.out, *cohort, embeddings);
  } else {
    throw Error("{}: expected a file name that ends in .h5ad, .tsv or .npy", options.out.string());
  }
}

}  // namespace cohesin
