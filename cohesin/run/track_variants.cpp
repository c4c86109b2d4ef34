#include "cohesin/run/track_variants.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/base/sha256.h"
#include "cohesin/io/row_files.h"
#include "cohesin/io/text_writer.h"
#include "cohesin/run/journal_jobs.h"
#include "cohesin/run/track_model.h"
#include "cohesin/run/track_names.h"
#include "cohesin/run/track_windows.h"
#include "cohesin/run/variant_placement.h"
#include "cohesin/run/variant_windows.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

// What a row of the journal holds one after the other, each for all tracks.
enum Part : size_t { kEffect, kLogRatio, kReference, kAlternative, kNumParts };

bool is_h5ad(const fs::path& path) { return path.extension() == ".h5ad"; }

void check_choices(const TrackVariantsOptions& o) {
  check_rules({o.out_of_range, o.ref_mismatch, ""});
  if (o.strands != "both" && o.strands != "forward")
    throw Error("--strands {}: expected both or forward", o.strands);
  if (o.shifts.empty()) throw Error("--shifts: expected at least one, such as 0");
  std::vector<int64_t> shifts = o.shifts;
  std::sort(shifts.begin(), shifts.end());
  if (std::adjacent_find(shifts.begin(), shifts.end()) != shifts.end())
    throw Error("--shifts {}: one of them is there twice", fmt::join(o.shifts, ","));
  const std::string name = o.out.filename().string();
  if (!name.ends_with(".tsv") && !name.ends_with(".tsv.gz") && !is_h5ad(o.out))
    throw Error("{}: name it .tsv (a row for each variant and track; .gz too) or .h5ad",
                o.out.string());
}

// Alleles whose windows with the reference are the same.
struct Site {
  const Genome::Stretch* stretch = nullptr;
  std::vector<VcfVariant> variants;
};

// All variants of the file that have a place in the genome.
class Sites {
 public:
  Sites(const TrackVariantsOptions& options, const Genome& genome, int64_t window);
  const std::vector<Site>& sites() const { return sites_; }
  int64_t num_variants() const { return num_variants_; }

 private:
  void add(const VcfVariant& variant, const Genome::Stretch* stretch);

  std::vector<Site> sites_;
  int64_t num_variants_ = 0;
};

Sites::Sites(const TrackVariantsOptions& options, const Genome& genome, int64_t window) {
  const auto [least, most] = std::minmax_element(options.shifts.begin(), options.shifts.end());
  const int64_t before = window / 2 - *least, after = window - window / 2 + *most;
  const VariantPlacementRules rules{options.out_of_range, options.ref_mismatch,
                                    "what lies beyond a sequence"};
  VcfReader reader(options.vcf);
  VariantCounts counts;
  int64_t num_read = 0;
  for (VcfVariant variant; reader.next(variant); ++num_read) {
    try {
      const auto* stretch = place_variant(variant, genome, before, after, rules, counts);
      if (stretch == nullptr) continue;
      const auto longest = static_cast<int64_t>(std::max(variant.ref.size(), variant.alt.size()));
      if (longest > window - before)
        throw Error(
            "an allele of {} letters reaches beyond the window of {} bases, whose middle "
            "it begins at; pass a larger --window",
            longest, window);
      add(variant, stretch);
    } catch (const Error& error) {
      throw Error("{}:{}: {}", options.vcf.string(), variant.line, error.what());
    }
  }
  for (const auto& [why, count] : reader.skipped())
    log_warning("{}: {} alleles passed over: {}", options.vcf.string(), count, why);
  counts.report(options.vcf.string());
  if (num_variants_ == 0)
    throw Error("{}: none of its {} variants could be scored with {}", options.vcf.string(),
                num_read, options.genome.string());
}

void Sites::add(const VcfVariant& variant, const Genome::Stretch* stretch) {
  const auto is_there = [&](const Site& site) {
    return site.stretch == stretch && site.variants.front().chrom == variant.chrom &&
           site.variants.front().position == variant.position;
  };
  if (sites_.empty() || !is_there(sites_.back())) sites_.push_back({stretch, {}});
  sites_.back().variants.push_back(variant);
  ++num_variants_;
}

// The bases that differ, [first, second).
std::pair<int64_t, int64_t> differing(const std::vector<int8_t>& a, const std::vector<int8_t>& b) {
  const auto begin = std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin();
  const auto right = std::mismatch(a.rbegin(), a.rend(), b.rbegin()).first - a.rbegin();
  return {begin, std::max<int64_t>(begin, static_cast<int64_t>(a.size()) - right)};
}

class TrackVariantScorer {
 public:
  TrackVariantScorer(const TrackVariantsOptions& options, const TrackModel& model,
                     const TrackGeometry& geometry, const std::vector<int64_t>& chosen);

  std::string settings() const;
  std::string mark(const std::string& before, const Site& site) const;
  RowBlock score(const Site& site) const;

 private:
  std::vector<int8_t> reference(const Site& site, int64_t shift) const {
    return window_indices(*site.stretch,
                          site.variants.front().position - 1 - geometry_.window / 2 + shift,
                          geometry_.window);
  }
  // Sums over the bins, [windows, tracks]: of the first window, then of others like it.
  at::Tensor sums(const std::vector<std::vector<int8_t>>& windows, bool turned) const;

  const TrackVariantsOptions& options_;
  const TrackModel& model_;
  TrackGeometry geometry_;
  at::Tensor chosen_;  // tracks; empty: all
  BinRange bins_;
};

TrackVariantScorer::TrackVariantScorer(const TrackVariantsOptions& options, const TrackModel& model,
                                       const TrackGeometry& geometry,
                                       const std::vector<int64_t>& chosen)
    : options_(options),
      model_(model),
      geometry_(geometry),
      chosen_(at::tensor(chosen, at::kLong)),
      bins_(middle_bins(geometry, options.bins_around)) {
  for (const int64_t shift : options.shifts) {
    if (std::abs(shift) >= geometry.window / 2)
      throw Error("--shifts {}: moves a variant out of the window of {} bases", shift,
                  geometry.window);
  }
}

std::string TrackVariantScorer::settings() const {
  nlohmann::ordered_json json;
  json["verb"] = "variants";
  json["model"] = track_weights_digest(options_.checkpoint);
  json["head"] = model_.head();
  json["window"] = geometry_.window;
  json["bins_around"] = options_.bins_around;
  json["strands"] = options_.strands;
  json["shifts"] = options_.shifts;
  json["precision"] = options_.precision == "bf16" ? "bf16" : "fp32";
  const int64_t* first = chosen_.const_data_ptr<int64_t>();
  json["tracks"] = std::vector<int64_t>(first, first + chosen_.numel());
  return json.dump();
}

std::string TrackVariantScorer::mark(const std::string& before, const Site& site) const {
  Sha256 sum;
  sum.update(before + "\n");
  for (const VcfVariant& v : site.variants)
    sum.update(fmt::format("{}\t{}\t{}\t{}\n", v.chrom, v.position, v.ref, v.alt));
  for (const int64_t shift : options_.shifts) {
    const std::vector<int8_t> letters = reference(site, shift);
    sum.update({reinterpret_cast<const char*>(letters.data()), letters.size()});
  }
  return sum.finish();
}

at::Tensor TrackVariantScorer::sums(const std::vector<std::vector<int8_t>>& windows,
                                    bool turned) const {
  // Positions of the transformer that go through it together.
  constexpr int64_t kMostPositions = 4096;
  const at::Tensor first = model_.tower(model_.one_hot(windows.front()));
  const int64_t at_once = std::max<int64_t>(1, kMostPositions / first.size(0));
  std::vector<at::Tensor> towers, all;
  const auto ask = [&] {
    at::Tensor tracks = model_.tracks_of_towers(at::stack(towers));
    if (turned) tracks = model_.turn_back(tracks);
    all.push_back(tracks.narrow(1, bins_.first, bins_.count).sum({1}, false, at::kDouble));
    towers.clear();
  };
  for (const auto& window : windows) {
    stop_here_if_requested();
    const auto [begin, end] = differing(windows.front(), window);
    towers.push_back(begin == end
                         ? first
                         : model_.tower_after_change(first, model_.one_hot(window), begin, end));
    if (static_cast<int64_t>(towers.size()) == at_once) ask();
  }
  if (!towers.empty()) ask();
  const at::Tensor sums = at::cat(all);
  return chosen_.numel() > 0 ? sums.index_select(1, chosen_) : sums;
}

RowBlock TrackVariantScorer::score(const Site& site) const {
  at::Tensor total;
  int64_t count = 0;
  for (const int64_t shift : options_.shifts) {
    std::vector<std::vector<int8_t>> windows = {reference(site, shift)};
    for (const VcfVariant& variant : site.variants)
      windows.push_back(allele_indices(*site.stretch, variant, variant.alt, geometry_.window,
                                       geometry_.window / 2 - shift));
    for (const bool turned : {false, true}) {
      if (turned && options_.strands == "forward") continue;
      if (turned)
        for (auto& window : windows) window = reverse_complement(window);
      const at::Tensor found = sums(windows, turned);
      total = total.defined() ? total + found : found;
      ++count;
    }
  }
  total = total / static_cast<double>(count);
  const at::Tensor alternative = total.slice(0, 1);
  const at::Tensor reference = total.slice(0, 0, 1).expand_as(alternative);
  const at::Tensor log_ratio = (at::log1p(alternative) - at::log1p(reference)) / std::log(2.0);
  std::vector<at::Tensor> parts(kNumParts);
  parts[kEffect] = alternative - reference;
  parts[kLogRatio] = log_ratio;
  parts[kReference] = reference;
  parts[kAlternative] = alternative;
  const at::Tensor rows = at::cat(parts, 1).to(at::kFloat).contiguous();
  const float* first = rows.const_data_ptr<float>();
  return {{site.variants.front().chrom}, {rows.size(0)}, {first, first + rows.numel()}};
}

// A row for each variant and track.
void write_table(const RowJournal& journal, const std::vector<Site>& sites, const Frame& tracks,
                 const fs::path& path) {
  TextWriter writer(path);
  writer.write(
      "chrom\tpos\tid\tref\talt\tallele\tsample\thaplotype\ttranscript\ttarget\treference\t"
      "alternative\teffect\tconsequence\tlog_ratio\n");
  const size_t width = tracks.index.size();
  size_t site = 0;
  journal.replay([&](const RowBlock& block) {
    const float* values = block.values.data();
    for (size_t record = 0; record < block.ids.size(); ++record) {
      for (const VcfVariant& v : sites[site++].variants) {
        for (size_t track = 0; track < width; ++track)
          writer.write(
              fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t\t\t\t{}\t{:.7g}\t{:.7g}\t{:.7g}\t\t{:.7g}\n",
                          v.chrom, v.position, v.id, v.ref, v.alt, v.allele, tracks.index[track],
                          values[kReference * width + track], values[kAlternative * width + track],
                          values[kEffect * width + track], values[kLogRatio * width + track]));
        values += kNumParts * width;
      }
    }
  });
  writer.commit();
}

Frame make_obs(const std::vector<Site>& sites) {
  Frame obs;
  std::vector<std::string> chroms, ids, refs, alts;
  std::vector<double> positions, alleles;
  for (const Site& site : sites) {
    for (const VcfVariant& v : site.variants) {
      obs.index.push_back(fmt::format("{}:{}:{}:{}", v.chrom, v.position, v.ref, v.alt));
      chroms.push_back(v.chrom);
      positions.push_back(static_cast<double>(v.position));
      ids.push_back(v.id);
      refs.push_back(v.ref);
      alts.push_back(v.alt);
      alleles.push_back(static_cast<double>(v.allele));
    }
  }
  obs.set({"chrom", std::move(chroms)});
  obs.set({"pos", std::move(positions)});
  obs.set({"id", std::move(ids)});
  obs.set({"ref", std::move(refs)});
  obs.set({"alt", std::move(alts)});
  obs.set({"allele", std::move(alleles)});
  return obs;
}

}  // namespace

void score_track_variants(const TrackVariantsOptions& options) {
  check_choices(options);
  require_absent_or_force(options.out, options.force);
  const fs::path part = options.out.string() + ".part";
  const TrackModel model(options.checkpoint, {}, options.head, options.precision);
  const TrackGeometry geometry = model.geometry(options.window);
  Frame tracks = model.track_names(options.tracks);
  const std::vector<int64_t> chosen = find_tracks(tracks, options.only);
  if (!chosen.empty()) tracks = choose_tracks(tracks, chosen);
  const TrackVariantScorer scorer(options, model, geometry, chosen);
  const Genome genome(options.genome);
  const Sites placed(options, genome, geometry.window);
  const std::vector<Site>& sites = placed.sites();
  if (options.force) fs::remove(part);
  RowJournal journal(part, scorer.settings(), static_cast<int64_t>(kNumParts * tracks.num_rows()));
  const CatchStopSignals signals;
  JournalJobs jobs{"scoring", "sites", "variants", sites.size(), nullptr, nullptr};
  jobs.mark = [&](const std::string& before, size_t i) { return scorer.mark(before, sites[i]); };
  jobs.work = [&](size_t i) { return scorer.score(sites[i]); };
  {
    const c10::InferenceMode inference;
    run_journal_jobs(jobs, journal, part);
  }
  if (is_h5ad(options.out))
    write_rows_as_layers(journal, make_obs(sites), tracks,
                         {"log_ratio", "reference", "alternative"}, options.out);
  else
    write_table(journal, sites, tracks, options.out);
  fs::remove(part);
  log_info("{}: {} variants, {} tracks, windows of {} bases, {} passes a window",
           options.out.string(), placed.num_variants(), tracks.num_rows(), geometry.window,
           options.shifts.size() * (options.strands == "both" ? 2 : 1));
}

}  // namespace cohesin
