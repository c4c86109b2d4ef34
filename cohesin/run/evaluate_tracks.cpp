#include "cohesin/run/evaluate_tracks.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/base/philox.h"
#include "cohesin/encode/base_composition.h"
#include "cohesin/io/tracks_file.h"
#include "cohesin/metrics/scores.h"
#include "cohesin/run/leakage.h"
#include "cohesin/run/track_checkpoint.h"
#include "cohesin/run/track_fit.h"
#include "cohesin/run/track_training.h"
#include "cohesin/stats/ridge_sums.h"

namespace cohesin {
namespace {

using Json = nlohmann::ordered_json;
const std::string kRidge = "composition_ridge";

Matrix composition_of(const TrackSet& set, size_t window) {
  const auto bins = static_cast<size_t>(set.num_bins);
  return {bins, static_cast<size_t>(kNumCompositionFeatures),
          base_composition(set.letters[window], set.first_bin_bp(), set.bin_size, set.num_bins)};
}

TrackSums score_ridge(const TrackSet& set, const std::vector<size_t>& windows) {
  constexpr double kPenalty = 0.01;
  const auto bins = static_cast<size_t>(set.num_bins);
  RidgeSums rows(static_cast<size_t>(kNumCompositionFeatures), set.tracks.size());
  for (const size_t window : set.windows_of("train")) {
    const float* values = set.values(window);
    rows.add(composition_of(set, window),
             Matrix(bins, set.tracks.size(),
                    std::vector<double>(values, values + bins * set.tracks.size())));
  }
  const RidgeSums::Fit fit = rows.fit(kPenalty);
  TrackSums sums(set.num_tracks());
  for (const size_t window : windows) {
    const Matrix predicted = fit.predict(composition_of(set, window));
    const std::vector<float> values(predicted.values.begin(), predicted.values.end());
    sums.add_window(values.data(), set.values(window), set.num_bins);
  }
  return sums;
}

using Numbers = std::map<std::string, double>;

// The correlations by name: "pearson", "pearson_DNASE", ... and "track:NAME".
Numbers numbers_of(const std::vector<double>& of_tracks, const TrackSet& set) {
  Numbers numbers;
  for (const auto& [group, mean] : group_means(of_tracks, set.descriptions))
    numbers[group.empty() ? "pearson" : "pearson_" + group] = mean;
  for (size_t i = 0; i < of_tracks.size(); ++i) numbers["track:" + set.tracks[i]] = of_tracks[i];
  return numbers;
}

Numbers difference(const Numbers& a, const Numbers& b) {
  Numbers numbers;
  for (const auto& [name, value] : a) numbers[name] = value - b.at(name);
  return numbers;
}

using Summaries = std::map<std::string, MetricSummary>;

// `numbers` for these windows, and the middle 95 % of what it gives for windows drawn anew.
Summaries summarize(size_t num_windows, uint64_t seed,
                    const std::function<Numbers(const std::vector<size_t>&)>& numbers) {
  constexpr int64_t kResamples = 1000;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<size_t> all(num_windows);
  for (size_t i = 0; i < num_windows; ++i) all[i] = i;
  Summaries summaries;
  for (const auto& [name, value] : numbers(all))
    summaries[name] = {value, nan, {nan, nan}, {value}};
  std::map<std::string, std::vector<double>> drawn;
  for (int64_t k = 0; k < kResamples && num_windows > 1; ++k) {
    RandomStream random(seed, "bootstrap over windows", static_cast<uint64_t>(k));
    std::vector<size_t> windows(num_windows);
    for (size_t& window : windows) window = static_cast<size_t>(random.below(num_windows));
    for (const auto& [name, value] : numbers(windows))
      if (!std::isnan(value)) drawn[name].push_back(value);
  }
  for (auto& [name, values] : drawn) {
    std::sort(values.begin(), values.end());
    const auto at = [&values = values](double share) {
      return values[static_cast<size_t>(
          std::lround(share * static_cast<double>(values.size() - 1)))];
    };
    constexpr double kTail = 0.025;
    summaries[name].ci95 = {at(kTail), at(1 - kTail)};
  }
  return summaries;
}

bool is_track(const std::string& name) { return name.rfind("track:", 0) == 0; }

GroupScores group_scores(const Summaries& summaries, double loss, size_t num_windows) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  GroupScores scores;
  scores.modalities = "dna";
  scores.num_samples = static_cast<int64_t>(num_windows);
  for (const auto& [name, summary] : summaries)
    if (!is_track(name)) scores.metrics.emplace_back(name, summary);
  scores.metrics.push_back({"poisson_loss", {loss, nan, {nan, nan}, {loss}}});
  return scores;
}

void check_tracks_are_those(const TrackCheckpoint& loaded, const TrackSet& set,
                            const EvaluateOptions& options) {
  const std::string where = options.answer.checkpoint.string();
  const std::string& head = loaded.tracks.head;
  const int64_t count = loaded.model->config().output_heads.at(head);
  if (count != set.num_tracks())
    throw Error("{}: its head '{}' predicts {} tracks, {} has {}", where, head, count,
                options.data.string(), set.num_tracks());
  for (size_t i = 0; i < loaded.tracks.names.size(); ++i)
    if (loaded.tracks.names[i] != set.tracks[i])
      throw Error("{}: its track {} is '{}', that of {} is '{}'", where, i + 1,
                  loaded.tracks.names[i], options.data.string(), set.tracks[i]);
  if (loaded.tracks.names.empty())
    log_warning("{}: does not say which tracks it predicts; those of {} are taken for them", where,
                options.data.string());
}

// Windows that the checkpoint has seen in training, in words; empty without.
std::string describe_seen(const EvaluateOptions& options, const TrackSet& set,
                          const std::vector<size_t>& windows) {
  TrackSet both;
  for (const auto& sample : read_training_samples(options.answer.checkpoint)) {
    const size_t colon = sample.sample.rfind(':'), dash = sample.sample.rfind('-');
    if (colon == std::string::npos || dash == std::string::npos || dash < colon) continue;
    both.chrom.push_back(sample.sample.substr(0, colon));
    both.start.push_back(std::stoll(sample.sample.substr(colon + 1)));
    both.end.push_back(std::stoll(sample.sample.substr(dash + 1)));
    both.split.push_back("seen in training");
  }
  for (const size_t window : windows) {
    both.chrom.push_back(set.chrom[window]);
    both.start.push_back(set.start[window]);
    both.end.push_back(set.end[window]);
    both.split.push_back("scored");
  }
  const WindowOverlaps overlaps = overlaps_between_splits(both);
  if (overlaps.count == 0) return "";
  return fmt::format(
      "{} pairs of a window scored here and one that the model was trained on have bases in "
      "common, the first: {}",
      overlaps.count, overlaps.first);
}

Json interval(const MetricSummary& summary) {
  return {{"mean", summary.mean}, {"ci95", summary.ci95}};
}

// scores.json as of other tasks, with the paired differences and a row a track.
std::string scores_text(const Scores& scores, const TrackSet& set, const Summaries& model,
                        const Summaries& ridge, const Summaries& gain) {
  Json json = Json::parse(write_scores(scores));
  for (const auto& [name, summary] : gain)
    if (!is_track(name)) json["differences"][kRidge][name] = interval(summary);
  Json tracks = Json::array();
  for (size_t i = 0; i < set.tracks.size(); ++i) {
    const std::string name = "track:" + set.tracks[i];
    tracks.push_back({{"track", set.tracks[i]},
                      {"description", set.descriptions[i]},
                      {"pearson", model.at(name).mean},
                      {"ci95", model.at(name).ci95},
                      {kRidge, ridge.at(name).mean}});
  }
  json["tracks"] = std::move(tracks);
  return json.dump(2) + "\n";
}

std::string describe(const Summaries& model, const Summaries& ridge, const Summaries& gain,
                     size_t num_windows, const std::string& part) {
  const auto shown = [](const MetricSummary& summary) {
    return fmt::format("{:6.3f} [{:6.3f}, {:6.3f}]", summary.mean, summary.ci95[0],
                       summary.ci95[1]);
  };
  std::string text = fmt::format("{} windows ({}); mean Pearson of the tracks, 95 % over windows\n",
                                 num_windows, part);
  text +=
      fmt::format("{:<16} {:<24} {:<24} {}\n", "", "model", "ridge on GC and CpG", "difference");
  for (const auto& [name, summary] : model)
    if (!is_track(name))
      text += fmt::format("{:<16} {:<24} {:<24} {}\n", name, shown(summary), shown(ridge.at(name)),
                          shown(gain.at(name)));
  return text;
}

}  // namespace

std::string evaluate_tracks(const EvaluateOptions& options) {
  if (!options.split.empty()) throw Error("--split: the windows' split stands in the data");
  if (!options.answer.without.empty() || !options.answer.member.empty())
    throw Error("--without and --member are for cohorts; these are tracks along a genome");
  const auto set = std::make_shared<const TrackSet>(read_tracks(options.data));
  const TrackCheckpoint loaded =
      load_track_checkpoint(options.answer.checkpoint, options.answer.base);
  check_tracks_are_those(loaded, *set, options);
  const std::string part = scored_part(*set);
  const std::vector<size_t> windows = set->windows_of(part);
  if (windows.empty())
    throw Error("{}: no window with the split 'test' or 'valid'", options.data.string());
  const CutShape shape = cut_shape(loaded.model->config(), loaded.tracks.window_bp, *set);
  const TrackSums model = score_windows(*loaded.model, loaded.tracks.head, TrackDataset(set, shape),
                                        windows, options.average);
  const TrackSums ridge = score_ridge(*set, windows);
  const auto of = [&set](const TrackSums& sums) {
    return [&](const std::vector<size_t>& drawn) { return numbers_of(sums.pearson(drawn), *set); };
  };
  const Summaries of_model = summarize(windows.size(), options.seed, of(model));
  const Summaries of_ridge = summarize(windows.size(), options.seed, of(ridge));
  const Summaries gain = summarize(windows.size(), options.seed, [&](const auto& drawn) {
    return difference(of(model)(drawn), of(ridge)(drawn));
  });
  Scores scores;
  scores.task = "tracks";
  scores.groups = {group_scores(of_model, model.poisson_loss(), windows.size())};
  scores.baselines = {{kRidge, {group_scores(of_ridge, ridge.poisson_loss(), windows.size())}}};
  const std::string seen = describe_seen(options, *set, windows);
  if (!seen.empty()) {
    log_warning("{}", seen);
    scores.notes.push_back(seen);
  }
  write_text(options.out, scores_text(scores, *set, of_model, of_ridge, gain));
  return describe(of_model, of_ridge, gain, windows.size(), part);
}

}  // namespace cohesin
