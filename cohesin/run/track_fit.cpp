#include "cohesin/run/track_fit.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/base/philox.h"
#include "cohesin/base/run_record.h"
#include "cohesin/io/tracks_file.h"
#include "cohesin/nn/adapter.h"
#include "cohesin/run/adapter_base.h"
#include "cohesin/run/foreign_model.h"
#include "cohesin/run/leakage.h"
#include "cohesin/run/model_checkpoint.h"
#include "cohesin/run/run_setup.h"
#include "cohesin/run/track_training.h"
#include "cohesin/run/track_windows.h"
#include "cohesin/train/checkpoint.h"
#include "cohesin/train/freeze.h"
#include "cohesin/train/run_folder.h"
#include "cohesin/train/train_loop.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

void refuse(bool is_there, const std::string& what) {
  if (is_there) throw Error("task.name is tracks, which knows no {}; leave it out", what);
}

void check_recipe(const TrainOptions& options, const Recipe& recipe) {
  if (recipe.model_name != "enformer")
    throw Error("task.name is tracks, which is for model.name enformer, not '{}'",
                recipe.model_name);
  refuse(recipe.pretraining.has_value(), "section `pretraining`");
  refuse(recipe.search.has_value(), "section `search`");
  refuse(!recipe.baselines.empty(), "`baselines`: `evaluate` sets a ridge regression beside it");
  refuse(recipe.train.seeds > 1, "train.seeds above 1");
  refuse(!options.split.empty(), "--split: the windows' split stands in the data");
  if (!recipe.adapter.is_none() && (options.init.empty() || is_hugging_face_folder(options.init)))
    throw Error(
        "adapter.name is {}, which stands on a trained checkpoint: start from one (--init DIR; "
        "`cohesin convert` makes one of the authors' files)",
        recipe.adapter.name);
  const bool frozen_part = recipe.train.freeze != "none";
  if (frozen_part && recipe.train.batch_norm == "live")
    throw Error(
        "train.batch_norm is live, which moves the statistics of layers that train.freeze {} "
        "leaves as they are; set it to frozen",
        recipe.train.freeze);
  if (frozen_part && options.init.empty())
    throw Error(
        "train.freeze is {}, but the model is not trained yet: start from a checkpoint (--init "
        "DIR)",
        recipe.train.freeze);
}

// Part of the training windows, by (seed, name), held out to choose the best epoch.
void hold_out(const TrackSet& set, double fraction, uint64_t seed, TrackWindows& windows) {
  const auto count =
      static_cast<size_t>(std::lround(fraction * static_cast<double>(windows.train.size())));
  if (fraction <= 0) return;
  std::vector<std::pair<uint64_t, size_t>> order;
  for (const size_t window : windows.train)
    order.emplace_back(
        RandomStream(seed, "inner validation/" + set.window_name(window)).next_word64(), window);
  std::sort(order.begin(), order.end());
  const size_t held_out = std::clamp<size_t>(count, 1, windows.train.size() - 1);
  for (size_t i = 0; i < held_out; ++i) windows.validation.push_back(order[i].second);
  std::sort(windows.validation.begin(), windows.validation.end());
  std::erase_if(windows.train, [&windows](size_t window) {
    return std::binary_search(windows.validation.begin(), windows.validation.end(), window);
  });
}

TrackWindows divide(const TrackSet& set, const TrainSettings& train, const std::string& where) {
  TrackWindows windows;
  windows.train = set.windows_of("train");
  if (windows.train.empty()) throw Error("{}: no window with the split 'train'", where);
  if (scored_part(set) == "test") windows.validation = set.windows_of("valid");
  if (windows.validation.empty()) {
    if (train.validation_fraction > 0 && windows.train.size() < 2)
      throw Error("{}: one training window cannot be divided; set train.validation_fraction to 0",
                  where);
    hold_out(set, train.validation_fraction, static_cast<uint64_t>(train.seed), windows);
  }
  return windows;
}

std::string inner_split_text(const TrackSet& set, const TrackWindows& windows) {
  std::string text = "sample\tsplit\n";
  for (const size_t window : windows.train) text += set.window_name(window) + "\ttrain\n";
  for (const size_t window : windows.validation) text += set.window_name(window) + "\tvalid\n";
  return text;
}

std::string seen_windows_text(const TrackSet& set, const TrackWindows& windows,
                              const fs::path& init) {
  std::vector<TrainingSample> seen;
  const auto add = [&](const std::vector<size_t>& members, const char* used) {
    for (const size_t window : members) {
      const std::string name = set.window_name(window);
      seen.push_back({name, name, used});
    }
  };
  add(windows.train, "train");
  add(windows.validation, "valid");
  if (!init.empty())
    for (auto& before : read_training_samples(init)) {
      before.used = "init";
      seen.push_back(before);
    }
  return training_samples_text(seen);
}

// tracks.tsv of a checkpoint; `predict` takes the names from there.
std::string track_table_text(const TrackSet& set) {
  std::string text = "identifier\tdescription\tstrand_pair\n";
  for (size_t i = 0; i < set.tracks.size(); ++i)
    text += fmt::format("{}\t{}\t{}\n", set.tracks[i], set.descriptions[i], set.strand_pair[i]);
  return text;
}

std::vector<double> mean_values(const TrackSet& set, const std::vector<size_t>& windows) {
  std::vector<double> means(set.tracks.size(), 0.0);
  const auto bins = static_cast<size_t>(set.num_bins);
  for (const size_t window : windows) {
    const float* value = set.values(window);
    for (size_t i = 0; i < bins * means.size(); ++i) means[i % means.size()] += value[i];
  }
  for (double& mean : means) mean /= static_cast<double>(windows.size() * bins);
  return means;
}

// A fresh head begins with the mean of each track: softplus(bias) = mean.
void start_at_means(Enformer& model, const std::string& head, const std::vector<double>& means) {
  constexpr double kSmallest = 1e-4;
  const torch::NoGradGuard no_grad;
  at::Tensor bias = module_weights(model).at("head_" + head + ".bias");
  for (size_t i = 0; i < means.size(); ++i)
    bias[static_cast<int64_t>(i)].fill_(std::log(std::expm1(std::max(means[i], kSmallest))));
}

// Weights of the checkpoint but its heads; that of the same name and tracks stays, too. Says so.
bool take_weights(Enformer& model, const ModelCheckpoint& from, const std::string& head,
                  const std::string& tracks, const std::string& where) {
  NamedTensors weights = from.weights();
  const auto named = [](const std::string& name, const std::string& start) {
    return name.rfind(start, 0) == 0;
  };
  const bool has_head = weights.count("head_" + head + ".bias") != 0;
  const auto text = from.text_files.find("tracks.tsv");
  const bool same_tracks = text != from.text_files.end() && text->second == tracks;
  if (has_head && !same_tracks)
    throw Error(
        "{}: has a head '{}' for other tracks than those of the data; name the new one otherwise "
        "(task.head)",
        where, head);
  for (auto& [name, own] : module_weights(model))
    if (named(name, "head_") && !has_head) weights[name] = own.clone();
  std::erase_if(weights, [&](const auto& item) {
    return named(item.first, "head_") && !named(item.first, "head_" + head + ".");
  });
  load_module_weights(model, weights, where);
  return has_head;
}

// The model before training, and its config in the recipe.
std::shared_ptr<Enformer> make_start(const fs::path& init, const TrackSet& set,
                                     const std::vector<double>& means, Recipe& recipe) {
  const TracksConfig& task = recipe.task.tracks;
  std::optional<ModelCheckpoint> from;
  if (!init.empty()) {
    from = load_model_checkpoint(init);
    if (from->entry->name != "enformer")
      throw Error("{}: is a '{}'; tracks need an enformer", init.string(), from->entry->name);
    if (!from->adapter.is_none())
      throw Error(
          "{}: holds an adapter; fold it into the weights to start from it: cohesin convert "
          "--checkpoint {} --merge --out DIR",
          init.string(), init.string());
    recipe.model = std::make_shared<EnformerConfig>(
        dynamic_cast<const EnformerConfig&>(from->model->config()));
  }
  auto& config = dynamic_cast<EnformerConfig&>(*recipe.model);
  config.output_heads = {{task.head, set.num_tracks()}};
  if (task.target_bins > 0) config.target_length = task.target_bins;
  auto model = std::make_shared<Enformer>(config);
  config = model->config();
  initialise(*model, static_cast<uint64_t>(recipe.train.seed));
  const bool has_head =
      from && take_weights(*model, *from, task.head, track_table_text(set), init.string());
  if (!has_head) start_at_means(*model, task.head, means);
  return model;
}

void report_means(const TrackSet& set, const std::vector<double>& means,
                  const std::vector<size_t>& validation) {
  if (validation.empty()) return;
  std::vector<float> guess;
  for (int64_t bin = 0; bin < set.num_bins; ++bin)
    for (const double mean : means) guess.push_back(static_cast<float>(mean));
  TrackSums sums(set.num_tracks());
  for (const size_t window : validation)
    sums.add_window(guess.data(), set.values(window), set.num_bins);
  log_info("guessing each track's mean has a Poisson loss of {:.5f} on the {} held-out windows",
           sums.poisson_loss(), validation.size());
}

void fit(const TrainOptions& options, Recipe recipe) {
  const auto set = std::make_shared<const TrackSet>(read_tracks(options.data));
  const TrackWindows windows = divide(*set, recipe.train, options.data.string());
  const std::vector<double> means = mean_values(*set, windows.train);
  if (recipe.train.batch_norm == "auto")
    recipe.train.batch_norm = options.init.empty() ? "live" : "frozen";
  const auto model = make_start(options.init, *set, means, recipe);
  const CutShape shape = cut_shape(model->config(), recipe.task.tracks.window_bp, *set);
  recipe.task.tracks.window_bp = shape.window_bp;
  write_text(options.out / "inner_split.tsv", inner_split_text(*set, windows));
  write_text(options.out / "training_samples.tsv", seen_windows_text(*set, windows, options.init));
  log_info("{} windows to train on, {} held out; pieces of {} bases, of which {} bins of {} count",
           windows.train.size(), windows.validation.size(), shape.window_bp, shape.num_bins,
           set->bin_size);
  report_means(*set, means, windows.validation);
  TrainRun run;
  if (!recipe.adapter.is_none()) {
    run.only_adapter = true;
    run.text_files["base.json"] =
        adapter_base_text(resolve_checkpoint(options.init), recipe.model_name,
                          trained_share(*model).all, options.out, options.out);
    attach_adapter(*model, recipe.adapter, static_cast<uint64_t>(recipe.train.seed));
  }
  TrackTraining training(model, std::make_shared<TrackDataset>(set, shape), windows,
                         recipe.task.tracks, recipe.train.batch_norm == "frozen");
  apply_freeze(training, parse_freeze(recipe.train.freeze, "train"));
  run.folder = options.out;
  run.resume = options.resume && RunFolder(options.out, recipe.train.keep_last).has_checkpoints();
  run.text_files["config.json"] = write_json([&recipe](Fields& field) { recipe.visit(field); });
  run.text_files["tracks.tsv"] = track_table_text(*set);
  run.precision = parse_precision(options.run.precision);
  log_info("{}: trainable: {}", run.title, trained_share(*model).text());
  train(training, recipe.train, run);
  write_text(options.out / "config.json", run.text_files.at("config.json"));
}

}  // namespace

std::string scored_part(const TrackSet& set) {
  return set.windows_of("test").empty() ? "valid" : "test";
}

CutShape cut_shape(const EnformerConfig& config, int64_t window_bp, const TrackSet& set) {
  const TrackGeometry geometry = track_geometry(config, window_bp);
  if (geometry.bin != set.bin_size)
    throw Error(
        "the model halves the length {} times, to bins of {} bases; those of the data have {}: "
        "prepare the tracks with --bin {}, or train another model (model.num_downsamples)",
        config.num_downsamples, geometry.bin, set.bin_size, geometry.bin);
  return {geometry.window, geometry.cropped, geometry.bins};
}

void train_tracks(const TrainOptions& options, const Recipe& recipe) {
  check_recipe(options, recipe);
  if (options.force && !options.resume) fs::remove_all(options.out);
  if (options.resume && !fs::is_directory(options.out))
    throw Error("{}: nothing to resume; leave --resume out to start", options.out.string());
  make_folder(options.out);
  const bool is_foreign = !options.init.empty() && is_hugging_face_folder(options.init);
  const fs::path start = is_foreign ? options.init : weights_of_start(options.init);
  RunRecord record = record_of(recipe, options.run, {options.recipe, options.data, start});
  run_recorded(record, options.out / "run.json", [&] { fit(options, recipe); });
}

}  // namespace cohesin
