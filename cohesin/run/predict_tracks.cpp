#include "cohesin/run/predict_tracks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/base/sha256.h"
#include "cohesin/io/bed.h"
#include "cohesin/io/genome.h"
#include "cohesin/io/row_files.h"
#include "cohesin/run/journal_jobs.h"
#include "cohesin/run/region_placement.h"
#include "cohesin/run/track_bigwig.h"
#include "cohesin/run/track_model.h"
#include "cohesin/run/track_names.h"
#include "cohesin/run/track_windows.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

// What is predicted and put away in one go: a region, or with a row a bin one window of it.
struct Job {
  size_t placed = 0;
  size_t first_window = 0, num_windows = 0;
};

void check_words(const PredictTracksOptions& o) {
  const auto check = [](const char* option, const std::string& word,
                        const std::vector<std::string>& known) {
    for (const auto& one : known)
      if (one == word) return;
    throw Error("{} {}: expected {}", option, word, fmt::join(known, ", "));
  };
  check("--summary", o.summary, {"mean", "sum", "none"});
  check("--bins", o.bins, {"region", "window"});
  check("--out-of-range", o.out_of_range, {"pad", "drop", "error"});
  if (o.out.extension() != ".h5ad" && !is_bigwig_path(o.out))
    throw Error("{}: expected a file name that ends in .h5ad or .bw", o.out.string());
}

std::vector<Job> make_jobs(const std::vector<PlacedRegion>& placed, bool row_a_bin) {
  std::vector<Job> jobs;
  for (size_t i = 0; i < placed.size(); ++i) {
    const size_t count = placed[i].windows.size();
    if (!row_a_bin) jobs.push_back({i, 0, count});
    for (size_t w = 0; row_a_bin && w < count; ++w) jobs.push_back({i, w, 1});
  }
  return jobs;
}

// obs: a row a region, or a row a bin.
Frame make_obs(const std::vector<PlacedRegion>& placed, const TrackGeometry& geometry,
               bool row_a_bin) {
  Frame obs;
  std::vector<std::string> chroms, names;
  std::vector<double> starts, ends, bins;
  const auto add = [&](const BedRegion& region, int64_t start, int64_t end) {
    chroms.push_back(region.chrom);
    starts.push_back(static_cast<double>(start));
    ends.push_back(static_cast<double>(end));
    names.push_back(region.name);
  };
  for (const auto& [region, sequence, windows] : placed) {
    int64_t count = 0;
    for (const TrackWindow& window : windows) {
      count += window.count;
      for (int64_t bin = window.first; row_a_bin && bin < window.first + window.count; ++bin) {
        const int64_t start = bin_start(geometry, window, bin);
        add(*region, std::max(start, sequence->begin),
            std::min(start + geometry.bin, sequence->end()));
        obs.index.push_back(
            fmt::format("{}:{:.0f}-{:.0f}", region->chrom, starts.back(), ends.back()));
      }
    }
    if (row_a_bin) continue;
    add(*region, region->start, region->end);
    obs.index.push_back(region->name);
    bins.push_back(static_cast<double>(count));
  }
  obs.set({"chrom", std::move(chroms)});
  obs.set({"start", std::move(starts)});
  obs.set({"end", std::move(ends)});
  obs.set({"region", std::move(names)});
  if (!row_a_bin) obs.set({"bins", std::move(bins)});
  return obs;
}

// Of each chromosome as far as its sequences reach.
std::map<std::string, int64_t> lengths_of(const std::vector<PlacedRegion>& placed) {
  std::map<std::string, int64_t> lengths;
  for (const auto& one : placed) {
    int64_t& length = lengths[one.region->chrom];
    length = std::max(length, one.sequence->end());
  }
  return lengths;
}

class TrackPredictor {
 public:
  TrackPredictor(const PredictTracksOptions& options, const TrackModel& model,
                 const TrackGeometry& geometry, const std::vector<PlacedRegion>& placed,
                 const std::vector<int64_t>& chosen)
      : options_(options),
        model_(model),
        geometry_(geometry),
        placed_(placed),
        chosen_(at::tensor(chosen, at::kLong)) {}

  std::string settings() const;
  RowBlock predict(const Job& job) const;
  // Of all jobs up to this one: what was read for them.
  std::string mark(const std::string& before, const Job& job) const;

 private:
  std::vector<int8_t> indices(const PlacedRegion& placed, const TrackWindow& window) const {
    return window_indices(*placed.sequence, window.start, geometry_.window);
  }

  const PredictTracksOptions& options_;
  const TrackModel& model_;
  const TrackGeometry& geometry_;
  const std::vector<PlacedRegion>& placed_;
  at::Tensor chosen_;  // tracks; empty: all
};

std::string TrackPredictor::settings() const {
  nlohmann::ordered_json json;
  json["model"] = track_weights_digest(options_.checkpoint);
  json["head"] = model_.head();
  json["window"] = geometry_.window;
  json["summary"] = options_.summary;
  json["bins"] = options_.bins;
  json["average"] = options_.average;
  json["precision"] = options_.precision == "bf16" ? "bf16" : "fp32";
  const int64_t* first = chosen_.const_data_ptr<int64_t>();
  json["tracks"] = std::vector<int64_t>(first, first + chosen_.numel());
  return json.dump();
}

std::string TrackPredictor::mark(const std::string& before, const Job& job) const {
  const PlacedRegion& placed = placed_[job.placed];
  Sha256 sum;
  sum.update(fmt::format("{}\n{}\t{}\t{}\t{}\n", before, placed.region->chrom, placed.region->start,
                         placed.region->end, placed.region->name));
  for (size_t i = job.first_window; i < job.first_window + job.num_windows; ++i) {
    const std::vector<int8_t> letters = indices(placed, placed.windows[i]);
    sum.update({reinterpret_cast<const char*>(letters.data()), letters.size()});
  }
  return sum.finish();
}

RowBlock TrackPredictor::predict(const Job& job) const {
  const PlacedRegion& placed = placed_[job.placed];
  at::Tensor rows;
  int64_t count = 0;
  for (size_t i = job.first_window; i < job.first_window + job.num_windows; ++i) {
    stop_here_if_requested();
    const TrackWindow& window = placed.windows[i];
    rows = [&, before = rows] {
      const at::Tensor bins = model_.predict(indices(placed, window), options_.average)
                                  .narrow(0, window.first, window.count);
      if (options_.summary == "none") return bins;
      const at::Tensor sum = bins.to(at::kDouble).sum(0, /*keepdim=*/true);
      return before.defined() ? before + sum : sum;
    }();
    count += window.count;
  }
  if (options_.summary == "mean") rows = rows / static_cast<double>(count);
  if (chosen_.numel() > 0) rows = rows.index_select(1, chosen_);
  rows = rows.to(at::kFloat).contiguous();
  const float* first = rows.const_data_ptr<float>();
  return {{placed.region->name}, {rows.size(0)}, {first, first + rows.numel()}};
}

void run_jobs(const TrackPredictor& predictor, const std::vector<Job>& jobs, RowJournal& journal,
              const fs::path& part) {
  JournalJobs work{"predicting", "windows", "regions", jobs.size(), nullptr, nullptr};
  work.mark = [&](const std::string& before, size_t i) { return predictor.mark(before, jobs[i]); };
  work.work = [&](size_t i) { return predictor.predict(jobs[i]); };
  const c10::InferenceMode inference;
  run_journal_jobs(work, journal, part);
}

std::vector<PlacedRegion> place_all(const PredictTracksOptions& options, const Genome& genome,
                                    const TrackGeometry& geometry,
                                    const std::vector<BedRegion>& regions) {
  RegionPlacementRules rules{options.regions.string(), options.genome.string(),
                             options.out_of_range, geometry.window, nullptr};
  rules.windows_of = [&](const BedRegion& region, const Genome::Stretch& sequence) {
    return cover_with_windows(geometry, region.start, region.end, sequence,
                              options.bins == "window");
  };
  return place_regions(regions, genome, rules);
}

}  // namespace

void predict_tracks(const PredictTracksOptions& options) {
  check_words(options);
  const fs::path part = options.out.string() + ".part";
  const std::vector<BedRegion> regions = read_bed(options.regions);
  const TrackModel model(options.checkpoint, options.base, options.head, options.precision);
  const TrackGeometry geometry = model.geometry(options.window);
  Frame tracks = model.track_names(options.tracks);
  const std::vector<int64_t> chosen = find_tracks(tracks, options.only);
  if (!chosen.empty()) tracks = choose_tracks(tracks, chosen);
  const bool bigwig = is_bigwig_path(options.out);
  const auto outs = bigwig ? bigwig_paths(options.out, tracks.index) : std::vector{options.out};
  for (const fs::path& out : outs) require_absent_or_force(out, options.force);
  if (options.force) fs::remove(part);
  const Genome genome(options.genome);
  const std::vector<PlacedRegion> placed = place_all(options, genome, geometry, regions);
  const bool row_a_bin = options.summary == "none";
  const TrackPredictor predictor(options, model, geometry, placed, chosen);
  RowJournal journal(part, predictor.settings(), static_cast<int64_t>(tracks.num_rows()));
  const CatchStopSignals signals;
  run_jobs(predictor, make_jobs(placed, row_a_bin), journal, part);
  Frame obs = make_obs(placed, geometry, row_a_bin);
  if (bigwig)
    write_rows_as_bigwigs(journal, obs, lengths_of(placed), outs);
  else
    write_rows_as_x(journal, std::move(obs), tracks, options.out);
  fs::remove(part);
  log_info("{}: {} regions, {} rows of {} tracks, windows of {} bases, bins of {}",
           options.out.string(), placed.size(), journal.num_rows(), journal.width(),
           geometry.window, geometry.bin);
}

}  // namespace cohesin
