#include "cohesin/run/cohort_fit.h"

#include <algorithm>
#include <set>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/nn/adapter.h"
#include "cohesin/run/adapter_base.h"
#include "cohesin/run/leakage.h"
#include "cohesin/run/omics_fit.h"
#include "cohesin/run/sequence_fit.h"
#include "cohesin/train/run_folder.h"

namespace cohesin {

namespace {

std::string inner_split_text(const CohortFit& fit, const TrainingSamples& samples) {
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
std::string seen_samples_text(const CohortFit& fit, const TrainingSamples& samples) {
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

}  // namespace

void fit_cohort(const CohortFit& fit) {
  if (fit.recipe.reads_sequences())
    fit_sequences(fit);
  else
    fit_omics(fit);
}

TrainingSamples divide(const CohortFit& fit, const std::function<bool(int64_t)>& knows,
                       const std::vector<int64_t>& strata) {
  std::vector<int64_t> usable;
  for (const int64_t sample : fit.train)
    if (knows(sample)) usable.push_back(sample);
  TrainingSamples samples;
  samples.validation = fit.validation;
  if (samples.validation.empty())
    samples.validation =
        draw_validation(*fit.cohort, usable, strata, fit.recipe.train.validation_fraction,
                        static_cast<uint64_t>(fit.recipe.train.seed));
  std::erase_if(samples.validation, [&knows](int64_t sample) { return !knows(sample); });
  const std::set<int64_t> held_out(samples.validation.begin(), samples.validation.end());
  for (const int64_t sample : usable)
    if (held_out.count(sample) == 0) samples.train.push_back(sample);
  if (samples.train.empty()) throw Error("no sample is left to train on");
  return samples;
}

TrainingSamples pretraining_samples(const CohortFit& fit, const TrainingSamples& samples) {
  TrainingSamples all = samples;
  all.train.clear();
  const std::set<int64_t> held_out(samples.validation.begin(), samples.validation.end());
  for (const int64_t sample : fit.train)
    if (held_out.count(sample) == 0) all.train.push_back(sample);
  all.train.insert(all.train.end(), fit.unlabelled.begin(), fit.unlabelled.end());
  return all;
}

void write_sample_lists(const CohortFit& fit, const TrainingSamples& samples) {
  write_text(fit.out / "inner_split.tsv", inner_split_text(fit, samples));
  write_text(fit.out / "training_samples.tsv", seen_samples_text(fit, samples));
}

void run_training(const CohortFit& fit, const std::filesystem::path& folder, Trainable& training,
                  const Recipe& recipe, std::map<std::string, std::string> texts) {
  TrainRun run;
  run.folder = folder;
  run.resume = fit.resume && RunFolder(folder, recipe.train.keep_last).has_checkpoints();
  run.text_files = std::move(texts);
  run.only_adapter = run.text_files.count("base.json") != 0;
  run.precision = fit.precision;
  run.title = fit.title;
  const std::string config = run.text_files.at("config.json");
  log_info("{}: trainable: {}", run.title, trained_share(training.module()).text());
  train(training, recipe.train, run);
  write_text(folder / "config.json", config);
}

void fit_seeds(const CohortFit& fit, const Recipe& recipe,
               const std::function<void(const Recipe&, const std::filesystem::path&)>& fit_member) {
  for (int64_t k = 0; k < recipe.train.seeds; ++k) {
    Recipe member = recipe;
    member.train.seed += k;
    member.train.seeds = 1;
    fit_member(member, recipe.train.seeds == 1 ? fit.out : fit.out / fmt::format("seed_{}", k + 1));
  }
  if (recipe.train.seeds == 1) return;
  Recipe whole = recipe;
  write_text(fit.out / "config.json", write_json([&whole](Fields& field) { whole.visit(field); }));
}

std::string put_adapter(const CohortFit& fit, const std::filesystem::path& folder,
                        const Recipe& recipe, torch::nn::Module& model,
                        const std::filesystem::path& start) {
  const AdapterConfig& adapter = recipe.adapter;
  if (start.empty())
    throw Error(
        "adapter.name is {}, but the model is not trained yet: start from a checkpoint (--init "
        "DIR), give the recipe a section `pretraining`, or set adapter.name to none",
        adapter.name);
  const std::string base =
      adapter_base_text(start, recipe.model_name, trained_share(model).all, folder, fit.out);
  attach_adapter(model, adapter, static_cast<uint64_t>(recipe.train.seed));
  return base;
}

}  // namespace cohesin
