#include "cohesin/run/explain_tracks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/base/sha256.h"
#include "cohesin/io/npz.h"
#include "cohesin/io/text_writer.h"
#include "cohesin/run/journal_jobs.h"
#include "cohesin/run/region_placement.h"
#include "cohesin/run/track_attributions.h"
#include "cohesin/run/track_names.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;
using Options = ExplainTracksOptions;

void check_words(const Options& o) {
  const auto check = [](const char* option, const std::string& word,
                        const std::vector<std::string>& known) {
    if (std::find(known.begin(), known.end(), word) == known.end())
      throw Error("{} {}: expected {}", option, word, fmt::join(known, ", "));
  };
  check("--method", o.method, {"integrated_gradients", "gradient", "mutagenesis"});
  check("--baseline", o.baseline, {"uniform", "zeros"});
  check("--bins", o.bins, {"region", "window"});
  check("--strands", o.strands, {"both", "forward"});
  check("--out-of-range", o.out_of_range, {"pad", "drop", "error"});
  if (o.steps < 1) throw Error("--steps {}: expected 1 or more", o.steps);
  if (o.width < 0) throw Error("--width {}: expected 1 or more", o.width);
  if (o.method != "mutagenesis" && o.precision == "bf16")
    throw Error("--precision bf16: gradients are computed in fp32; bf16 is for mutagenesis");
  if (o.out.empty()) throw Error("pass --out NAME: the beginning of the names of what is written");
}

struct OutputPaths {
  fs::path letters, attributions, effects, regions, part;
};

OutputPaths output_paths(const Options& options) {
  std::string name = options.out.string();
  if (name.ends_with(".npz")) name.resize(name.size() - 4);
  return {name + ".ohe.npz", name + ".attributions.npz", name + ".effects.npz",
          name + ".regions.tsv", name + ".part"};
}

// The bases of each region that are explained, all of one length.
std::vector<BedRegion> read_regions(const Options& options, const TrackGeometry& geometry) {
  std::vector<BedRegion> regions = read_bed(options.regions);
  const std::string bed = options.regions.string();
  for (BedRegion& region : regions) {
    if (options.width > 0) {
      region.start += (region.end - region.start) / 2 - options.width / 2;
      region.end = region.start + options.width;
    }
    const int64_t length = region.end - region.start, first = regions[0].end - regions[0].start;
    if (length != first)
      throw Error(
          "{}: has {} bases, the region of line {} has {}; the arrays need one length: pass "
          "--width N for N bases around the middle of each",
          where_is(region, bed), length, regions[0].line, first);
    const bool sums_its_own = options.bins == "region" && options.bins_around == 0;
    const int64_t most = sums_its_own ? geometry.bins * geometry.bin : geometry.window;
    if (length > most)
      throw Error("{}: has {} bases, one window {} {}; pass {}", where_is(region, bed), length,
                  sums_its_own ? "predicts" : "has", most,
                  sums_its_own ? "--bins window, --bins-around N or --width N"
                               : "a larger --window or --width N");
    if (options.method == "mutagenesis" && length > options.longest)
      throw Error(
          "{}: has {} bases, and mutagenesis asks the model three times for each and strand; pass "
          "--width N for fewer, or --longest {} if that is meant",
          where_is(region, bed), length, length);
  }
  return regions;
}

// A part of a region.
struct Job {
  size_t region = 0;
  int64_t begin = 0, end = 0;
};

class RegionExplainer {
 public:
  RegionExplainer(const Options& options, const TrackModel& model, const TrackGeometry& geometry,
                  const std::vector<PlacedRegion>& placed, std::vector<int64_t> tracks);

  std::string settings() const;
  std::vector<Job> jobs() const;
  std::string mark(const std::string& before, const Job& job) const;
  // Four numbers a base; before the first of a region: its prediction and that at the baseline.
  RowBlock work(const Job& job);

 private:
  TrackScore score_of(const PlacedRegion& placed) const;
  std::vector<int8_t> window(const PlacedRegion& placed) const {
    return window_indices(*placed.sequence, placed.windows.front().start, geometry_.window);
  }

  const Options& options_;
  const TrackModel& model_;
  TrackGeometry geometry_;
  const std::vector<PlacedRegion>& placed_;
  std::vector<int64_t> tracks_;
  BinRange middle_;
  size_t current_ = 0;  // the region of `explainer_`
  std::unique_ptr<WindowExplainer> explainer_;
};

RegionExplainer::RegionExplainer(const Options& options, const TrackModel& model,
                                 const TrackGeometry& geometry,
                                 const std::vector<PlacedRegion>& placed,
                                 std::vector<int64_t> tracks)
    : options_(options),
      model_(model),
      geometry_(geometry),
      placed_(placed),
      tracks_(std::move(tracks)),
      middle_(middle_bins(geometry, options.bins_around)) {}

std::string RegionExplainer::settings() const {
  nlohmann::ordered_json json;
  json["verb"] = "explain";
  json["model"] = track_weights_digest(options_.checkpoint);
  json["head"] = model_.head();
  json["tracks"] = tracks_;
  json["window"] = geometry_.window;
  json["bins"] = options_.bins_around != 0 ? std::to_string(options_.bins_around) : options_.bins;
  json["strands"] = options_.strands;
  json["method"] = options_.method;
  if (options_.method != "mutagenesis") json["baseline"] = options_.baseline;
  if (options_.method == "integrated_gradients") json["steps"] = options_.steps;
  json["precision"] = options_.precision == "bf16" ? "bf16" : "fp32";
  return json.dump();
}

std::vector<Job> RegionExplainer::jobs() const {
  // Bases that are put away together: of mutagenesis few, for each takes three passes a strand.
  constexpr int64_t kBasesAJob = 8;
  std::vector<Job> jobs;
  for (size_t i = 0; i < placed_.size(); ++i) {
    const int64_t length = placed_[i].region->end - placed_[i].region->start;
    const int64_t step = options_.method == "mutagenesis" ? kBasesAJob : length;
    for (int64_t begin = 0; begin < length; begin += step)
      jobs.push_back({i, begin, std::min(length, begin + step)});
  }
  return jobs;
}

std::string RegionExplainer::mark(const std::string& before, const Job& job) const {
  const PlacedRegion& placed = placed_[job.region];
  Sha256 sum;
  sum.update(fmt::format("{}\n{}\t{}\t{}\t{}\n", before, placed.region->chrom, placed.region->start,
                         placed.region->end, job.begin));
  if (job.begin == 0) {
    const std::vector<int8_t> letters = window(placed);
    sum.update({reinterpret_cast<const char*>(letters.data()), letters.size()});
  }
  return sum.finish();
}

TrackScore RegionExplainer::score_of(const PlacedRegion& placed) const {
  TrackScore score{tracks_, middle_, options_.strands == "both"};
  if (options_.bins_around != 0 || options_.bins == "window") return score;
  score.bins = {placed.windows.front().first, placed.windows.front().count};
  return score;
}

RowBlock RegionExplainer::work(const Job& job) {
  const PlacedRegion& placed = placed_[job.region];
  if (!explainer_ || current_ != job.region)
    explainer_ = std::make_unique<WindowExplainer>(model_, score_of(placed), window(placed));
  current_ = job.region;
  const int64_t offset = placed.region->start - placed.windows.front().start;
  const int64_t begin = offset + job.begin, end = offset + job.end;
  const auto baseline =
      options_.baseline == "uniform" ? LetterBaseline::uniform : LetterBaseline::zeros;
  const BaseAttributions found = options_.method == "mutagenesis" ? explainer_->mutate(begin, end)
                                 : options_.method == "gradient"
                                     ? explainer_->gradient(begin, end, baseline)
                                     : explainer_->integrated(begin, end, baseline, options_.steps);
  RowBlock block{{placed.region->name}, {end - begin}, {}};
  if (job.begin == 0) {
    ++block.num_rows[0];
    block.values = {static_cast<float>(explainer_->prediction()),
                    static_cast<float>(found.baseline), 0, 0};
  }
  const at::Tensor rows = found.bases_L4.to(at::kFloat).contiguous();
  const float* first = rows.const_data_ptr<float>();
  block.values.insert(block.values.end(), first, first + rows.numel());
  return block;
}

// A region's numbers as they are written.
class ExplanationWriter {
 public:
  ExplanationWriter(const Options& options, const std::vector<PlacedRegion>& placed,
                    const OutputPaths& paths);
  // All rows of the next region, the one with its predictions first.
  void write(const std::vector<float>& rows);
  void commit();

 private:
  bool mutates() const { return options_.method == "mutagenesis"; }
  void write_row(const BedRegion& region, double prediction, double baseline, double sum);

  const Options& options_;
  const std::vector<PlacedRegion>& placed_;
  size_t next_ = 0;
  NpzWriter letters_, attributions_;
  std::optional<NpzWriter> effects_;
  TextWriter table_;
  double largest_gap_ = 0;  // of integrated gradients: share that the sum misses
};

std::vector<int64_t> shape_of(const std::vector<PlacedRegion>& placed) {
  const BedRegion& region = *placed.front().region;
  return {static_cast<int64_t>(placed.size()), 4, region.end - region.start};
}

ExplanationWriter::ExplanationWriter(const Options& options,
                                     const std::vector<PlacedRegion>& placed,
                                     const OutputPaths& paths)
    : options_(options),
      placed_(placed),
      letters_(paths.letters, shape_of(placed)),
      attributions_(paths.attributions, shape_of(placed)),
      table_(paths.regions) {
  if (mutates()) effects_.emplace(paths.effects, shape_of(placed));
  table_.write("chrom\tstart\tend\tname\tprediction\tbaseline\tattributions\n");
}

void ExplanationWriter::write(const std::vector<float>& rows) {
  const auto& [region, sequence, windows] = placed_[next_++];
  const int64_t length = region->end - region->start;
  const std::vector<int8_t> indices = window_indices(*sequence, region->start, length);
  at::Tensor letters_L4 = at::zeros({length, 4});
  for (int64_t i = 0; i < length; ++i) {
    const int8_t index = indices[static_cast<size_t>(i)];
    if (index >= 0 && index < 4) letters_L4[i][index] = 1;
  }
  const at::Tensor found_L4 = at::tensor(rows).view({-1, 4}).slice(0, 1);
  const at::Tensor known_L1 = letters_L4.sum(1, /*keepdim=*/true);
  const at::Tensor bases_L4 =
      mutates() ? (found_L4 - found_L4.mean(1, /*keepdim=*/true)) * known_L1 : found_L4;
  const auto write = [](NpzWriter& writer, const at::Tensor& values_L4) {
    const at::Tensor values_4L = values_L4.t().contiguous();
    writer.write({values_4L.const_data_ptr<float>(), static_cast<size_t>(values_4L.numel())});
  };
  write(letters_, letters_L4);
  write(attributions_, bases_L4);
  if (effects_) write(*effects_, found_L4);
  write_row(*region, rows[0], rows[1], (bases_L4 * letters_L4).sum(at::kDouble).item<double>());
}

void ExplanationWriter::write_row(const BedRegion& region, double prediction, double baseline,
                                  double sum) {
  const std::string text = std::isnan(baseline) ? "" : fmt::format("{:.7g}", baseline);
  table_.write(fmt::format("{}\t{}\t{}\t{}\t{:.7g}\t{}\t{:.7g}\n", region.chrom, region.start,
                           region.end, region.name, prediction, text, sum));
  if (std::isnan(baseline)) return;
  const double difference = prediction - baseline;
  const double least = 1e-4 * std::abs(prediction);  // a difference of rounding alone is none
  largest_gap_ =
      std::max(largest_gap_, std::abs(sum - difference) / std::max(std::abs(difference), least));
}

void ExplanationWriter::commit() {
  letters_.commit();
  attributions_.commit();
  if (effects_) effects_->commit();
  table_.commit();
  constexpr double kLargeGap = 0.05;
  if (largest_gap_ > kLargeGap)
    log_warning(
        "attributions miss up to {:.1f} % of what they should add up to (prediction - baseline); "
        "pass more --steps",
        100 * largest_gap_);
}

void write_explanations(const Options& options, const RowJournal& journal,
                        const std::vector<PlacedRegion>& placed, const std::vector<Job>& jobs,
                        const OutputPaths& paths) {
  ExplanationWriter writer(options, placed, paths);
  std::vector<float> rows;
  size_t job = 0;
  journal.replay([&](const RowBlock& block) {
    rows.insert(rows.end(), block.values.begin(), block.values.end());
    const bool is_last = job + 1 == jobs.size() || jobs[job + 1].region != jobs[job].region;
    ++job;
    if (!is_last) return;
    writer.write(rows);
    rows.clear();
  });
  writer.commit();
}

// The window in whose middle the region lies, with the bins that overlap it.
std::vector<PlacedRegion> place_all(const Options& options, const Genome& genome,
                                    const TrackGeometry& geometry,
                                    const std::vector<BedRegion>& regions) {
  RegionPlacementRules rules{options.regions.string(), options.genome.string(),
                             options.out_of_range, geometry.window, nullptr};
  rules.windows_of = [&](const BedRegion& region, const Genome::Stretch& sequence) {
    if (options.bins == "region" && options.bins_around == 0)
      return cover_with_windows(geometry, region.start, region.end, sequence, false);
    const int64_t middle = region.start + (region.end - region.start) / 2;
    return std::vector<TrackWindow>{{middle - geometry.window / 2, 0, geometry.bins}};
  };
  return place_regions(regions, genome, rules);
}

std::vector<int64_t> chosen_tracks(const Options& options, const TrackModel& model) {
  const Frame names = model.track_names(options.tracks);
  if (options.only.empty() && model.num_tracks() > 1)
    throw Error(
        "the head '{}' has {} tracks; pass --track NAME for the one to explain (several are "
        "summed)",
        model.head(), model.num_tracks());
  return options.only.empty() ? std::vector<int64_t>{0} : find_tracks(names, options.only);
}

void tell_work(const Options& options, const std::vector<PlacedRegion>& placed) {
  const int64_t length = shape_of(placed).back(), strands = options.strands == "both" ? 2 : 1;
  const int64_t passes = options.method == "mutagenesis"            ? 3 * length
                         : options.method == "integrated_gradients" ? options.steps
                                                                    : 1;
  log_info("{}: {} regions of {} bases, {} {} for each ({} {})", options.method, placed.size(),
           length, passes * strands,
           options.method == "mutagenesis" ? "passes" : "passes forward and back", strands,
           strands == 2 ? "strands" : "strand");
}

}  // namespace

void explain_tracks(const ExplainTracksOptions& options) {
  check_words(options);
  const OutputPaths paths = output_paths(options);
  for (const fs::path& path : {paths.letters, paths.attributions, paths.regions})
    require_absent_or_force(path, options.force);
  if (options.method == "mutagenesis") require_absent_or_force(paths.effects, options.force);
  const TrackModel model(options.checkpoint, options.base, options.head, options.precision);
  const TrackGeometry geometry = model.geometry(options.window);
  const std::vector<int64_t> tracks = chosen_tracks(options, model);
  const std::vector<BedRegion> regions = read_regions(options, geometry);
  const Genome genome(options.genome);
  const std::vector<PlacedRegion> placed = place_all(options, genome, geometry, regions);
  RegionExplainer explainer(options, model, geometry, placed, tracks);
  const std::vector<Job> jobs = explainer.jobs();
  if (options.force) fs::remove(paths.part);
  RowJournal journal(paths.part, explainer.settings(), 4);
  tell_work(options, placed);
  const CatchStopSignals signals;
  JournalJobs work{"explaining", "parts", "regions", jobs.size(), nullptr, nullptr};
  work.mark = [&](const std::string& before, size_t i) { return explainer.mark(before, jobs[i]); };
  work.work = [&](size_t i) { return explainer.work(jobs[i]); };
  run_journal_jobs(work, journal, paths.part);
  write_explanations(options, journal, placed, jobs, paths);
  fs::remove(paths.part);
  log_info("{}, {}: {} regions of {} bases", paths.letters.string(), paths.attributions.string(),
           placed.size(), shape_of(placed).back());
}

}  // namespace cohesin
