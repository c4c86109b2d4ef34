#include "cohesin/run/answer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/io/npy.h"
#include "cohesin/io/predictions.h"
#include "cohesin/io/tracks_file.h"
#include "cohesin/run/cohort_ensemble.h"
#include "cohesin/run/cohort_split.h"
#include "cohesin/run/evaluate_tracks.h"
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
SamplePredictions predict_with_baseline(const std::vector<FittedBaseline>& folds,
                                        const std::shared_ptr<const MultiOmics>& cohort,
                                        const std::vector<int64_t>& samples,
                                        const std::string& hidden, Part part) {
  SamplePredictions mean;
  for (const auto& fold : folds) {
    const SamplePredictions one = predict_baseline(fold, cohort, samples, hidden, part);
    if (&fold == &folds.front()) {
      mean = one;
      mean.answers = HeadAnswers::zeros(fold.task, one.samples.size());
      if (one.answers.risk.empty()) mean.answers.risk.clear();
      if (one.answers.probability.empty()) mean.answers.probability.clear();
    }
    mean.answers.add_risk_cuts(fold.calibration.risk_cuts, folds.size());
    mean.answers.add(one.answers, 0, one.samples.size(), 1 / static_cast<double>(folds.size()));
  }
  return mean;
}

// Whoever answers, loaded once.
class Answerer {
 public:
  explicit Answerer(const AnswerOptions& options) : options_(options) {
    if (is_baseline(options) && !is_trained_baseline(options.member.substr(kBaselinePrefix.size())))
      baselines_ = load_baselines(member_path(options));
    else
      members_ = load_cohort_ensemble(member_path(options), options.base);
  }
  // One table a condition: with every modality, then once with each of `without` hidden.
  std::vector<PredictionTable> answer(const std::shared_ptr<const MultiOmics>& cohort,
                                      const std::vector<int64_t>& samples, Part part) const {
    std::vector<PredictionTable> tables;
    for (const auto& hidden : conditions(options_)) {
      const SamplePredictions predictions =
          members_ == nullptr
              ? predict_with_baseline(baselines_, cohort, samples, hidden, part)
              : members_->predict(cohort, samples, hidden, options_.missing_genes, part);
      tables.push_back(
          prediction_table(predictions, task(), *cohort, "", hidden, options_.coverage));
    }
    return tables;
  }

 private:
  const TaskConfig& task() const {
    return members_ == nullptr ? baselines_.front().task : members_->task();
  }
  const AnswerOptions& options_;
  std::unique_ptr<CohortEnsemble> members_;  // null: a plain baseline answers
  std::vector<FittedBaseline> baselines_;
};

PredictionTable join_tables(const std::vector<PredictionTable>& tables) {
  PredictionTable all;
  for (const auto& table : tables) append_rows(all, table);
  if (all.num_rows() == 0) throw Error("no sample has a modality that the model may use");
  return all;
}

// So many samples that their values take about 128 MB; a multiple of the batches that models are
// asked in.
size_t part_size(const MultiOmics& outline) {
  size_t features = 1;
  for (const auto& modality : outline.modalities) features += modality.table.num_features();
  return std::max<size_t>(1, (size_t{128} << 20) / (features * sizeof(float)) / 64) * 64;
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

void warn_of_unusual(const PredictionTable& table) {
  const std::set<std::string> samples = [&table] {
    std::set<std::string> found;
    for (size_t row = 0; row < table.unusual.size(); ++row)
      if (!table.unusual[row].empty()) found.insert(table.sample[row]);
    return found;
  }();
  if (!samples.empty())
    log_warning(
        "{} samples lie further off than any training sample (first: {}; column `unusual`); what "
        "is "
        "said of them is an extrapolation",
        samples.size(), *samples.begin());
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
  PredictionTable table = join_tables(Answerer(options).answer(cohort, samples, Part::whole));
  warn_of_unusual(table);
  return table;
}

PredictionTable predict_file(const AnswerOptions& options, const fs::path& data,
                             size_t samples_a_part) {
  if (!is_cohort_file(data)) {
    const auto cohort = std::make_shared<const MultiOmics>(read_samples(data));
    return predict_cohort(options, cohort, all_samples(*cohort));
  }
  const Answerer answerer(options);
  const CohortFile file(data);
  const std::vector<int64_t> all = all_samples(file.outline());
  const size_t size = samples_a_part > 0 ? samples_a_part : part_size(file.outline());
  std::vector<PredictionTable> tables(conditions(options).size());
  for (size_t begin = 0; begin < all.size(); begin += size) {
    stop_here_if_requested();
    const auto first = all.begin() + static_cast<int64_t>(begin);
    const std::vector<int64_t> chosen(
        first, first + static_cast<int64_t>(std::min(size, all.size() - begin)));
    const auto part = std::make_shared<const MultiOmics>(file.read(chosen));
    const auto more = answerer.answer(part, all_samples(*part),
                                      size >= all.size() ? Part::whole
                                      : begin == 0       ? Part::first
                                                         : Part::further);
    for (size_t c = 0; c < tables.size(); ++c) append_rows(tables[c], more[c]);
  }
  PredictionTable table = join_tables(tables);
  warn_of_unusual(table);
  return table;
}

void run_predict(const PredictOptions& options, const std::shared_ptr<const MultiOmics>& cohort) {
  require_absent_or_force(options.out, options.force);
  write_predictions(options.out, predict_cohort(options.answer, cohort, all_samples(*cohort)));
}

void run_predict(const PredictOptions& options, const fs::path& data) {
  require_absent_or_force(options.out, options.force);
  write_predictions(options.out, predict_file(options.answer, data));
}

std::string evaluate(const EvaluateOptions& options) {
  require_absent_or_force(options.out, options.force);
  if (is_tracks_file(options.data)) return evaluate_tracks(options);
  if (options.average) throw Error("--average is for tracks along a genome, not for a cohort");
  const auto cohort = std::make_shared<const MultiOmics>(read_samples(options.data));
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
