#include "cohesin/run/omics_baselines.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"
#include "cohesin/metrics/concordance.h"
#include "cohesin/metrics/label_metrics.h"
#include "cohesin/models/model_registry.h"
#include "cohesin/omics/composition.h"
#include "cohesin/run/omics_fit.h"
#include "cohesin/tensor/plain_values.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {

namespace {

namespace fs = std::filesystem;
constexpr uint64_t kInnerFolds = 3;
const std::string kModelPrefix = "model:";

// The scaled values of each omic; a sample without it, or with it hidden, is a row of NaN.
std::vector<BlockData> make_blocks(const OmicsDataset& dataset, const std::vector<int64_t>& samples,
                                   const std::string& hidden) {
  const uint32_t bits = hidden.empty() ? 0 : dataset.bit_of(hidden);
  const Batch batch = dataset.batch(samples, HiddenOmics(samples.size(), bits));
  std::vector<BlockData> blocks;
  for (const auto& omic : dataset.encoder().inputs()) {
    const at::Tensor x_NF = batch.at(omic + ".features").to(at::kDouble);
    const at::Tensor present = batch.at(omic + ".present").unsqueeze(1) > 0;
    const at::Tensor values =
        at::where(present, x_NF, at::full_like(x_NF, std::nan(""))).contiguous();
    const double* begin = values.const_data_ptr<double>();
    BlockData block{
        omic, Matrix(static_cast<size_t>(values.size(0)), static_cast<size_t>(values.size(1)))};
    std::copy(begin, begin + values.numel(), block.values.values.begin());
    blocks.push_back(std::move(block));
  }
  return blocks;
}

OmicsDataset baseline_dataset(const std::shared_ptr<const MultiOmics>& cohort,
                              const std::shared_ptr<const OmicsEncoder>& encoder) {
  BatchContent content;
  content.features = true;
  return OmicsDataset(cohort, encoder, encoder->num_genes(), content);
}

BaselineOptions baseline_options(const MultiOmics& cohort, const std::vector<int64_t>& samples,
                                 const Recipe& recipe) {
  const auto num_classes = static_cast<int64_t>(recipe.task.classes.size());
  BaselineOptions options;
  options.num_classes = num_classes;
  options.balanced_class_weights = recipe.train.class_weights == "balanced";
  options.inner_folds.resize(kInnerFolds);
  options.inner_score = [num_classes](const std::vector<int64_t>& truth,
                                      const std::vector<int64_t>& predicted) {
    return macro_f1(confusion_matrix(truth, predicted, num_classes));
  };
  options.inner_risk_score = [](const BaselineTargets& targets, const std::vector<double>& risk) {
    const double c_index = concordance(targets.time, targets.event, risk).c_index();
    return std::isnan(c_index) ? 0.5 : c_index;  // no pair to compare in a small fold
  };
  const auto patients = patients_of(cohort);
  for (size_t row = 0; row < samples.size(); ++row) {
    RandomStream random(static_cast<uint64_t>(recipe.train.seed),
                        "baseline/" + patients[static_cast<size_t>(samples[row])]);
    options.inner_folds[random.below(kInnerFolds)].push_back(row);
  }
  return options;
}

BaselineTargets targets_of(const TaskTargets& targets, TaskKind kind,
                           const std::vector<int64_t>& samples) {
  if (kind == TaskKind::survival) {
    SurvivalTargets follow_up = targets.follow_up(samples);
    return {std::move(follow_up.time_days), std::move(follow_up.event)};
  }
  std::vector<int64_t> labels;
  for (const int64_t sample : samples)
    labels.push_back(targets.labels[static_cast<size_t>(sample)]);
  return labels;
}

TaskKind kind_of(const std::string& name) {
  return is_survival_baseline(name) ? TaskKind::survival : TaskKind::classification;
}

}  // namespace

void check_baseline(const std::string& name, const TaskConfig& task) {
  if (is_trained_baseline(name)) return;
  make_baseline(name);
  if (!task.asks(kind_of(name)))
    throw Error("baseline '{}' does not answer the task {}; use {}", name, task.name,
                task.asks(TaskKind::survival) ? "cox, cox:NAME, pca_cox, mlp or model:NAME"
                : task.asks(TaskKind::classification)
                    ? "majority, logistic, logistic:NAME, pca_logistic, mlp or model:NAME"
                    : "mlp");
}

FittedBaseline fit_baseline(const std::string& name, const Recipe& recipe,
                            const std::shared_ptr<const MultiOmics>& cohort,
                            const std::vector<int64_t>& train, const TaskTargets& targets) {
  check_baseline(name, recipe.task);
  std::vector<int64_t> samples;
  const TaskKind kind = kind_of(name);
  for (const int64_t sample : train)
    if (targets.known(kind, sample)) samples.push_back(sample);
  auto configs = recipe.tokenizers;
  for (const auto& modality : cohort->modalities) configs[modality.name].edges = "continuous";
  auto encoder = std::make_shared<OmicsEncoder>(OmicsEncoder::fit(*cohort, samples, configs));
  encoder->set_covariates(CovariateEncoder::fit(cohort->obs, samples, recipe.task.covariates));
  FittedBaseline baseline{recipe.task, {}, encoder, make_baseline(name)};
  const OmicsDataset dataset = baseline_dataset(cohort, baseline.encoder);
  const std::vector<BlockData> blocks = make_blocks(dataset, samples, "");
  const BaselineTargets known = targets_of(targets, kind, samples);
  baseline.method->fit(blocks, known, baseline_options(*cohort, samples, recipe));
  if (kind == TaskKind::survival) {
    const std::vector<double> risk = baseline.method->predict(blocks).values;
    const BaselineHazard hazard(known.time, known.event, risk);
    baseline.calibration.risk_cuts = thirds(risk);
    baseline.calibration.hazard_time_days = hazard.time();
    baseline.calibration.cumulative_hazard = hazard.cumulative();
  }
  return baseline;
}

SamplePredictions predict_baseline(const FittedBaseline& baseline,
                                   const std::shared_ptr<const MultiOmics>& cohort,
                                   const std::vector<int64_t>& samples, const std::string& hidden,
                                   Part part) {
  const OmicsDataset dataset = baseline_dataset(cohort, baseline.encoder);
  SamplePredictions result = answerable_samples(dataset, samples, hidden, part);
  if (result.samples.empty()) return result;
  std::vector<double> outputs =
      baseline.method->predict(make_blocks(dataset, result.samples, hidden)).values;
  if (baseline.calibration.hazard_time_days.empty()) {
    result.answers.probability = std::move(outputs);
    return result;
  }
  const BaselineHazard hazard(baseline.calibration.hazard_time_days,
                              baseline.calibration.cumulative_hazard);
  for (const double risk : outputs)
    for (const double days : baseline.task.horizons_days)
      result.answers.survival.push_back(hazard.survival(days, risk));
  result.answers.risk = std::move(outputs);
  result.answers.risk_cuts = baseline.calibration.risk_cuts;
  return result;
}

std::string folder_of_baseline(const std::string& name) {
  std::string folder = name;
  std::replace(folder.begin(), folder.end(), ':', '-');
  return folder;
}

void save_baseline(const FittedBaseline& baseline, const fs::path& folder) {
  const BaselineState state = baseline.method->state();
  CheckpointContent content;
  for (const auto& [key, array] : state.arrays) {
    const std::vector<int64_t> shape(array.shape.begin(), array.shape.end());
    content.model[key] = at::tensor(array.values, at::kDouble).reshape(shape);
  }
  const nlohmann::ordered_json json = {{"baseline", state.name}, {"text", state.text}};
  content.text_files = encoder_texts(*baseline.encoder);
  content.text_files["baseline.json"] = json.dump(2) + "\n";
  content.text_files["task.json"] = write_config(baseline.task);
  content.text_files["calibration.json"] = write_config(baseline.calibration);
  write_checkpoint(folder, content);
}

std::vector<FittedBaseline> load_baselines(const fs::path& folder) {
  std::vector<FittedBaseline> folds;
  for (const auto& path : member_folders(folder)) {
    const CheckpointContent content = read_checkpoint(path);
    const auto text = content.text_files.find("baseline.json");
    if (text == content.text_files.end())
      throw Error("{}: no baseline.json; this is no baseline of a crossval folder", path.string());
    const auto json = nlohmann::json::parse(text->second);
    BaselineState state;
    state.name = json.at("baseline");
    state.text = json.at("text").get<std::map<std::string, std::string>>();
    for (const auto& [key, tensor] : content.model)
      state.arrays[key] = {{tensor.sizes().begin(), tensor.sizes().end()}, to_doubles(tensor)};
    FittedBaseline fold{
        {},
        {},
        std::make_shared<const OmicsEncoder>(read_encoder(content.text_files, path.string())),
        restore_baseline(state)};
    read_config(fold.task, content.text_files.at("task.json"), path.string() + "/task.json");
    read_config(fold.calibration, content.text_files.at("calibration.json"),
                path.string() + "/calibration.json");
    folds.push_back(std::move(fold));
  }
  return folds;
}

bool is_trained_baseline(const std::string& name) {
  return name == "mlp" || name.rfind(kModelPrefix, 0) == 0;
}

std::string modality_of_baseline(const std::string& name) {
  return name.rfind(kModelPrefix, 0) == 0 ? name.substr(kModelPrefix.size()) : "";
}

Recipe trained_baseline_recipe(const std::string& name, const Recipe& recipe) {
  if (name == "mlp") return mlp_baseline_recipe(recipe);
  Recipe alone = recipe;
  alone.baselines.clear();
  const std::string modality = modality_of_baseline(name);
  std::erase_if(alone.tokenizers, [&](const auto& entry) { return entry.first != modality; });
  return alone;
}

Recipe mlp_baseline_recipe(const Recipe& recipe) {
  Recipe mlp = recipe;
  mlp.pretraining.reset();
  mlp.search.reset();
  mlp.adapter = {};
  mlp.baselines.clear();
  if (recipe.reads_sequences()) {  // it reads their composition
    mlp.model_name = Recipe().model_name;
    mlp.model = make_model_config(mlp.model_name);
    mlp.tokenizers[kComposition].edges = "continuous";
  }
  mlp.task.deep_path = false;
  mlp.task.linear_path = false;
  mlp.task.shallow_path = true;
  mlp.task.shallow_hidden_size = 64;
  mlp.task.shallow_dropout = 0.3;
  mlp.task.shallow_input_dropout = 0;
  mlp.train = {};
  mlp.train.seed = recipe.train.seed;
  mlp.train.seeds = 3;
  mlp.train.epochs = 60;
  mlp.train.modality_dropout = 0.2;
  mlp.train.validation_fraction = 0;
  mlp.train.keep_last = 1;
  mlp.train.checkpoint_every_steps = 1000;  // it takes seconds
  return mlp;
}

}  // namespace cohesin
