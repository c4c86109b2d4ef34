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
#include "cohesin/run/omics_fit.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {

namespace {

namespace fs = std::filesystem;
constexpr uint64_t kInnerFolds = 3;

// The scaled values of each omic; a sample without it, or with it hidden, is a row of NaN.
std::vector<BlockData> make_blocks(const OmicsDataset& dataset, const std::vector<int64_t>& samples,
                                   const std::string& hidden) {
  const uint32_t bits = hidden.empty() ? 0 : dataset.bit_of(hidden);
  const Batch batch = dataset.batch(samples, HiddenOmics(samples.size(), bits));
  std::vector<BlockData> blocks;
  for (const auto& omic : dataset.encoder().omics()) {
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
  const int64_t num_classes = recipe.task.num_outputs();
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

BaselineTargets targets_of(const TaskTargets& targets, const std::vector<int64_t>& samples) {
  if (targets.labels.empty()) {
    SurvivalTargets follow_up = targets.follow_up(samples);
    return {std::move(follow_up.time_days), std::move(follow_up.event)};
  }
  std::vector<int64_t> labels;
  for (const int64_t sample : samples)
    labels.push_back(targets.labels[static_cast<size_t>(sample)]);
  return labels;
}

}  // namespace

void check_baseline(const std::string& name, const TaskConfig& task) {
  if (name == "mlp") return;
  make_baseline(name);
  const bool survival = is_survival_baseline(name);
  if (survival != (task.name == "survival"))
    throw Error("baseline '{}' does not answer the task {}; use {}", name, task.name,
                survival ? "majority, logistic, logistic:NAME, pca_logistic or mlp"
                         : "cox, cox:NAME, pca_cox or mlp");
}

FittedBaseline fit_baseline(const std::string& name, const Recipe& recipe,
                            const std::shared_ptr<const MultiOmics>& cohort,
                            const std::vector<int64_t>& train, const TaskTargets& targets) {
  check_baseline(name, recipe.task);
  std::vector<int64_t> samples;
  for (const int64_t sample : train)
    if (targets.known(sample)) samples.push_back(sample);
  auto configs = recipe.tokenizers;
  for (const auto& modality : cohort->modalities) configs[modality.name].edges = "continuous";
  FittedBaseline baseline{
      recipe.task,
      std::make_shared<const OmicsEncoder>(OmicsEncoder::fit(*cohort, samples, configs)),
      make_baseline(name)};
  const OmicsDataset dataset = baseline_dataset(cohort, baseline.encoder);
  baseline.method->fit(make_blocks(dataset, samples, ""), targets_of(targets, samples),
                       baseline_options(*cohort, samples, recipe));
  return baseline;
}

SamplePredictions predict_baseline(const FittedBaseline& baseline,
                                   const std::shared_ptr<const MultiOmics>& cohort,
                                   const std::vector<int64_t>& samples, const std::string& hidden) {
  const OmicsDataset dataset = baseline_dataset(cohort, baseline.encoder);
  SamplePredictions result = answerable_samples(dataset, samples, hidden);
  result.values = baseline.method->predict(make_blocks(dataset, result.samples, hidden)).values;
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
  const nlohmann::ordered_json json = {{"baseline", state.name},
                                       {"task", baseline.task.name},
                                       {"target", baseline.task.target},
                                       {"classes", baseline.task.classes},
                                       {"text", state.text}};
  content.text_files["baseline.json"] = json.dump(2) + "\n";
  content.text_files["features.tsv"] = baseline.encoder->features_text();
  content.text_files["tokenizers.json"] = baseline.encoder->tokenizers_text();
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
    for (const auto& [key, tensor] : content.model) {
      const at::Tensor values = tensor.to(at::kDouble).contiguous();
      const double* begin = values.const_data_ptr<double>();
      state.arrays[key] = {{tensor.sizes().begin(), tensor.sizes().end()},
                           {begin, begin + values.numel()}};
    }
    TaskConfig task;
    task.name = json.at("task");
    task.target = json.at("target");
    task.classes = json.at("classes").get<std::vector<std::string>>();
    folds.push_back({task,
                     std::make_shared<const OmicsEncoder>(OmicsEncoder::read(
                         content.text_files.at("features.tsv"),
                         content.text_files.at("tokenizers.json"), path.string())),
                     restore_baseline(state)});
  }
  return folds;
}

Recipe mlp_baseline_recipe(const Recipe& recipe) {
  Recipe mlp = recipe;
  mlp.pretraining.reset();
  mlp.adapter = {};
  mlp.baselines.clear();
  mlp.task.deep_path = false;
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
