#include "cohesin/run/omics_fit.h"

#include <algorithm>
#include <set>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/models/model_registry.h"
#include "cohesin/nn/adapter.h"
#include "cohesin/run/adapter_base.h"
#include "cohesin/run/choose_settings.h"
#include "cohesin/run/head_training.h"
#include "cohesin/run/leakage.h"
#include "cohesin/run/omics_checkpoint.h"
#include "cohesin/run/start_overlap.h"
#include "cohesin/tasks/masked_lm.h"
#include "cohesin/train/freeze.h"
#include "cohesin/train/run_folder.h"

namespace cohesin {

namespace {

std::string inner_split_text(const OmicsFit& fit, const TrainingSamples& samples) {
  std::string text = "sample\tsplit\n";
  const std::set<int64_t> validation(samples.validation.begin(), samples.validation.end());
  for (const int64_t sample : fit.train)
    text += fmt::format("{}\t{}\n", fit.cohort->obs.index[static_cast<size_t>(sample)],
                        validation.count(sample) != 0 ? "valid" : "train");
  if (!fit.validation.empty())
    for (const int64_t sample : fit.validation)
      text += fmt::format("{}\tvalid\n", fit.cohort->obs.index[static_cast<size_t>(sample)]);
  return text;
}

// Every sample that has a part in the run, also by the checkpoint that it begins with.
std::string seen_samples_text(const OmicsFit& fit, const TrainingSamples& samples) {
  const auto patients = patients_of(*fit.cohort);
  const std::set<int64_t> validation(samples.validation.begin(), samples.validation.end());
  std::vector<TrainingSample> seen;
  const auto add = [&](const std::vector<int64_t>& members, const std::string& used) {
    for (const int64_t sample : members)
      seen.push_back({fit.cohort->obs.index[static_cast<size_t>(sample)],
                      patients[static_cast<size_t>(sample)],
                      used == "train" && validation.count(sample) != 0 ? "valid" : used});
  };
  add(fit.train, "train");
  add(fit.validation, "valid");
  add(fit.unlabelled, "pretraining");
  if (!fit.init.empty())
    for (auto& before : read_training_samples(fit.init)) {
      before.used = "init";
      seen.push_back(before);
    }
  return training_samples_text(seen);
}

TrainingSamples divide(const OmicsFit& fit, const TaskTargets& targets) {
  const auto usable_sample = [&targets](int64_t sample) {
    return targets.empty() || targets.known(sample);
  };
  std::vector<int64_t> usable;
  for (const int64_t sample : fit.train)
    if (usable_sample(sample)) usable.push_back(sample);
  TrainingSamples samples;
  samples.validation = fit.validation;
  if (samples.validation.empty())
    samples.validation =
        draw_validation(*fit.cohort, usable, targets.strata(), fit.recipe.train.validation_fraction,
                        static_cast<uint64_t>(fit.recipe.train.seed));
  std::erase_if(samples.validation,
                [&usable_sample](int64_t sample) { return !usable_sample(sample); });
  const std::set<int64_t> held_out(samples.validation.begin(), samples.validation.end());
  for (const int64_t sample : usable)
    if (held_out.count(sample) == 0) samples.train.push_back(sample);
  if (samples.train.empty()) throw Error("no sample is left to train on");
  return samples;
}

// The gene axis, the tokenizers and the model before training: fresh, or from a checkpoint.
struct Start {
  std::shared_ptr<const OmicsEncoder> encoder;
  std::shared_ptr<OmicsModel> model;  // null without a deep path
  std::filesystem::path checkpoint;   // that it is from; empty: fresh
};

Start fresh_start(Recipe& recipe, const MultiOmics& cohort, const std::vector<int64_t>& samples,
                  uint64_t seed) {
  Start start;
  start.encoder =
      std::make_shared<OmicsEncoder>(OmicsEncoder::fit(cohort, samples, recipe.tokenizers));
  for (const auto& omic : start.encoder->omics())
    recipe.tokenizers[omic] = start.encoder->tokenizer(omic).config();
  if (recipe.task.has_head() && !recipe.task.deep_path) return start;
  start.model = make_omics_model(recipe, *start.encoder);
  initialise(*start.model, seed);
  return start;
}

Start start_from(const std::filesystem::path& init, Recipe& recipe, const MultiOmics& cohort,
                 const std::vector<int64_t>& samples) {
  OmicsCheckpoint checkpoint = load_omics_checkpoint(init);
  if (!checkpoint.recipe.adapter.is_none())
    throw Error(
        "{}: holds an adapter; fold it into the weights to start from it: "
        "cohesin convert --checkpoint {} --merge --out DIR",
        checkpoint.folder.string(), init.string());
  recipe.model_name = checkpoint.recipe.model_name;
  recipe.model = checkpoint.recipe.model;
  recipe.tokenizers = checkpoint.recipe.tokenizers;
  if (recipe.task.has_head() && recipe.task.shallow_path)
    checkpoint.encoder = std::make_shared<OmicsEncoder>(
        checkpoint.encoder->with_scalers(cohort, samples, recipe.missing_genes_policy()));
  if (recipe.task.has_head() && !recipe.task.deep_path) checkpoint.model.reset();
  return {checkpoint.encoder, checkpoint.model, checkpoint.folder};
}

// An adapter needs something to stand on, which its checkpoints name.
std::string put_adapter(const OmicsFit& fit, const std::filesystem::path& folder,
                        const Recipe& recipe, const Start& start) {
  const AdapterConfig& adapter = recipe.adapter;
  if (start.model == nullptr)
    throw Error("adapter.name is {}, but task.deep_path is off: there is no model to adapt",
                adapter.name);
  if (start.checkpoint.empty())
    throw Error(
        "adapter.name is {}, but the model is not trained yet: start from a checkpoint (--init "
        "DIR), give the recipe a section `pretraining`, or set adapter.name to none",
        adapter.name);
  const std::string base = adapter_base_text(start.checkpoint, recipe.model_name,
                                             trained_share(*start.model).all, folder, fit.out);
  attach_adapter(*start.model, adapter, static_cast<uint64_t>(recipe.train.seed));
  return base;
}

void run_training(const OmicsFit& fit, const std::filesystem::path& folder, Trainable& training,
                  const Recipe& recipe, const OmicsEncoder& encoder, const std::string& base = "") {
  TrainRun run;
  run.folder = folder;
  run.resume = fit.resume && RunFolder(folder, recipe.train.keep_last).has_checkpoints();
  run.text_files = checkpoint_texts(recipe, encoder);
  if (!base.empty()) run.text_files["base.json"] = base;
  run.only_adapter = !base.empty();
  run.precision = fit.precision;
  run.title = fit.title;
  const std::string config = run.text_files.at("config.json");
  log_info("{}: trainable: {}", run.title, trained_share(training.module()).text());
  train(training, recipe.train, run);
  write_text(folder / "config.json", config);
}

void fit_masked_lm(const OmicsFit& fit, const std::filesystem::path& folder, Recipe recipe,
                   const TrainSettings& settings, const Start& start,
                   const TrainingSamples& samples) {
  recipe.task.name = "masked_lm";
  recipe.train = settings;
  recipe.pretraining.reset();
  recipe.adapter = {};
  auto dataset = std::make_shared<OmicsDataset>(
      fit.cohort, start.encoder, start.model->sequence_length(),
      batch_content(start.model.get(), recipe.task), recipe.missing_genes_policy());
  report_alignment(*dataset);
  MaskedLmTraining training(start.model, dataset, samples, recipe.task, settings);
  if (!samples.validation.empty())
    for (const auto& [omic, scores] :
         gene_frequency_scores(*dataset, samples.train, samples.validation))
      log_info(
          "{}: guessing each gene's commonest bin is right for {:.3f} of the held-out values "
          "(loss of the bin frequencies {:.3f} nats)",
          omic, scores.accuracy, scores.loss_nats);
  run_training(fit, folder, training, recipe, *start.encoder);
}

void fit_predictor(const OmicsFit& fit, const std::filesystem::path& folder, const Recipe& recipe,
                   const Start& start, const TrainingSamples& samples, const TaskTargets& targets) {
  const TrainSettings& settings = recipe.train;
  const std::string base = recipe.adapter.is_none() ? "" : put_adapter(fit, folder, recipe, start);
  auto encoder = std::make_shared<OmicsEncoder>(*start.encoder);
  encoder->set_covariates(
      CovariateEncoder::fit(fit.cohort->obs, samples.train, recipe.task.covariates));
  auto predictor = make_predictor(recipe, *encoder, start.model);
  const int64_t length =
      start.model == nullptr ? encoder->num_genes() : start.model->sequence_length();
  auto dataset = std::make_shared<OmicsDataset>(fit.cohort, encoder, length,
                                                batch_content(start.model.get(), recipe.task),
                                                recipe.missing_genes_policy());
  report_alignment(*dataset);
  HeadTraining training(predictor, dataset, targets, samples, recipe.task, settings);
  apply_freeze(training, parse_freeze(settings.freeze, "train"));
  run_training(fit, folder, training, recipe, *encoder, base);
}

// Says how the cohort fits the checkpoint to start from, and leaves out what it cannot take.
void check_start(OmicsFit& fit) {
  const OmicsCheckpoint start = load_omics_checkpoint(fit.init);
  report_overlap(start, *fit.cohort, fit.recipe.missing_genes_policy());
  for (auto* samples : {&fit.train, &fit.validation, &fit.unlabelled})
    *samples = samples_known_to(*start.encoder, *fit.cohort, *samples);
}

}  // namespace

void fit_omics(const OmicsFit& given) {
  OmicsFit fit = given;
  if (!fit.init.empty()) check_start(fit);
  if (fit.recipe.search) fit.recipe = choose_settings(fit);
  Recipe recipe = fit.recipe;
  make_folder(fit.out);
  const bool with_head = recipe.task.has_head();
  if (!with_head && !recipe.adapter.is_none())
    throw Error(
        "adapter.name is {}, but masked language modelling trains the whole model: adapters are "
        "for tasks with an outcome; set adapter.name to none",
        recipe.adapter.name);
  const TaskTargets targets = read_targets(*fit.cohort, recipe.task, fit.train);
  const TrainingSamples samples = divide(fit, targets);
  write_text(fit.out / "inner_split.tsv", inner_split_text(fit, samples));
  write_text(fit.out / "training_samples.tsv", seen_samples_text(fit, samples));

  // Pre-training sees unlabelled samples, too, but never the validation part.
  TrainingSamples all = samples;
  all.train.clear();
  const std::set<int64_t> held_out(samples.validation.begin(), samples.validation.end());
  for (const int64_t sample : fit.train)
    if (held_out.count(sample) == 0) all.train.push_back(sample);
  all.train.insert(all.train.end(), fit.unlabelled.begin(), fit.unlabelled.end());

  std::filesystem::path init = fit.init;
  if (recipe.pretraining && with_head && recipe.task.deep_path) {
    const auto folder = fit.out / "pretraining";
    const auto seed = static_cast<uint64_t>(recipe.pretraining->seed);
    const Start start = init.empty() ? fresh_start(recipe, *fit.cohort, all.train, seed)
                                     : start_from(init, recipe, *fit.cohort, all.train);
    fit_masked_lm(fit, folder, recipe, *recipe.pretraining, start, all);
    init = folder;
  }
  if (fit.only_pretraining) return;
  for (int64_t k = 0; k < recipe.train.seeds; ++k) {
    Recipe member = recipe;
    member.train.seed += k;
    member.train.seeds = 1;
    const auto seed = static_cast<uint64_t>(member.train.seed);
    const auto folder = recipe.train.seeds == 1 ? fit.out : fit.out / fmt::format("seed_{}", k + 1);
    const Start start = init.empty() ? fresh_start(member, *fit.cohort, all.train, seed)
                                     : start_from(init, member, *fit.cohort, all.train);
    if (with_head)
      fit_predictor(fit, folder, member, start, samples, targets);
    else
      fit_masked_lm(fit, folder, member, member.train, start, samples);
  }
  if (recipe.train.seeds > 1)
    write_text(fit.out / "config.json",
               write_json([&recipe](Fields& field) { recipe.visit(field); }));
}

}  // namespace cohesin
