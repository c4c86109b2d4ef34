#include "cohesin/run/omics_fit.h"

#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/models/model_registry.h"
#include "cohesin/nn/adapter.h"
#include "cohesin/run/choose_settings.h"
#include "cohesin/run/head_training.h"
#include "cohesin/run/omics_checkpoint.h"
#include "cohesin/run/start_overlap.h"
#include "cohesin/tasks/masked_lm.h"
#include "cohesin/train/freeze.h"

namespace cohesin {

namespace {

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

void fit_masked_lm(const CohortFit& fit, const std::filesystem::path& folder, Recipe recipe,
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
  run_training(fit, folder, training, recipe, checkpoint_texts(recipe, *start.encoder));
}

void fit_predictor(const CohortFit& fit, const std::filesystem::path& folder, const Recipe& recipe,
                   const Start& start, const TrainingSamples& samples, const TaskTargets& targets) {
  const TrainSettings& settings = recipe.train;
  std::string base;
  if (!recipe.adapter.is_none()) {
    if (start.model == nullptr)
      throw Error("adapter.name is {}, but task.deep_path is off: there is no model to adapt",
                  recipe.adapter.name);
    base = put_adapter(fit, folder, recipe, *start.model, start.checkpoint);
  }
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
  auto texts = checkpoint_texts(recipe, *encoder);
  if (!base.empty()) texts["base.json"] = base;
  run_training(fit, folder, training, recipe, std::move(texts));
}

// Says how the cohort fits the checkpoint to start from, and leaves out what it cannot take.
void check_start(CohortFit& fit) {
  const OmicsCheckpoint start = load_omics_checkpoint(fit.init);
  report_overlap(start, *fit.cohort, fit.recipe.missing_genes_policy());
  for (auto* samples : {&fit.train, &fit.validation, &fit.unlabelled})
    *samples = samples_known_to(*start.encoder, *fit.cohort, *samples);
}

}  // namespace

void fit_omics(const CohortFit& given) {
  CohortFit fit = given;
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
  const TrainingSamples samples = divide(
      fit, [&targets](int64_t sample) { return targets.empty() || targets.known(sample); },
      targets.strata());
  write_sample_lists(fit, samples);
  const TrainingSamples all = pretraining_samples(fit, samples);

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
  fit_seeds(fit, recipe, [&](const Recipe& one, const std::filesystem::path& folder) {
    Recipe member = one;
    const auto seed = static_cast<uint64_t>(member.train.seed);
    const Start start = init.empty() ? fresh_start(member, *fit.cohort, all.train, seed)
                                     : start_from(init, member, *fit.cohort, all.train);
    if (with_head)
      fit_predictor(fit, folder, member, start, samples, targets);
    else
      fit_masked_lm(fit, folder, member, member.train, start, samples);
  });
}

}  // namespace cohesin
