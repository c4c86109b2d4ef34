#include "cohesin/run/prepare_tracks.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/fields.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/io/bed.h"
#include "cohesin/io/bigwig_reader.h"
#include "cohesin/io/fasta.h"
#include "cohesin/io/float16_file.h"
#include "cohesin/io/genome.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/io/text_table.h"
#include "cohesin/io/tracks_file.h"
#include "cohesin/omics/sequence.h"
#include "cohesin/omics/track_set.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

int64_t parse_whole(const std::string& text, const std::string& where) {
  const bool digits = !text.empty() && text.size() < 10 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  if (!digits) throw Error("{}: expected a whole number, got '{}'", where, text);
  return std::stoll(text);
}

// The authors' table of targets: `identifier` names a track, `description` and `strand_pair` (the
// number of the row of the other strand) are taken where they are.
void read_track_table(const fs::path& path, TrackSet& set) {
  const TextTable table = read_text_table(path);
  const size_t name = table.first_of({"identifier", "track", "name", "description"});
  if (name == TextTable::npos)
    throw Error("{}: no column 'identifier' or 'description'; it has: {}", path.string(),
                fmt::join(table.header, ", "));
  const size_t description = table.first_of({"description"});
  const size_t pair = table.first_of({"strand_pair"});
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    const std::string where = fmt::format("{}:{}: strand_pair", path.string(), table.lines[i]);
    set.tracks.push_back(row[name]);
    set.descriptions.push_back(description == TextTable::npos ? "" : row[description]);
    set.strand_pair.push_back(pair == TextTable::npos ? static_cast<int64_t>(i)
                                                      : parse_whole(row[pair], where));
  }
}

// A record of windows.fa: "chr1:0-131072|train|7".
struct WindowRecord {
  std::string split;
  std::optional<int64_t> index;  // within the split
};

WindowRecord parse_record_name(const std::string& id, const std::string& where) {
  const auto parts = split(id, '|');
  if (parts.size() < 2 || parts.size() > 3)
    throw Error("{}: '{}' is no window; expected chrom:start-end|split, or |split|index", where,
                id);
  WindowRecord record{std::string(parts[1]), std::nullopt};
  if (parts.size() == 3) record.index = parse_whole(std::string(parts[2]), where + ": index");
  return record;
}

// Reads the windows into `set`; gives the windows of each split in the order of its values.
std::map<std::string, std::vector<size_t>> read_windows(const fs::path& fasta, TrackSet& set) {
  std::map<std::string, std::map<int64_t, size_t>> places;
  FastaReader reader(fasta);
  for (Sequence record; reader.next(record);) {
    const std::string where = fmt::format("{}:{}", fasta.string(), reader.header_line());
    const WindowRecord named = parse_record_name(record.id, where);
    std::optional<NamedSlice> slice;
    try {
      slice = parse_slice_name(record.id, static_cast<int64_t>(record.letters.size()));
      to_bases(record.letters);
    } catch (const Error& error) {
      throw Error("{}: '{}': {}", where, record.id, error.what());
    }
    if (!slice) throw Error("{}: '{}' is no slice chrom:start-end", where, record.id);
    auto& of_split = places[named.split];
    const int64_t index = named.index.value_or(static_cast<int64_t>(of_split.size()));
    if (!of_split.emplace(index, set.num_windows()).second)
      throw Error("{}: a second window with index {} of '{}'", where, index, named.split);
    set.chrom.push_back(slice->chrom);
    set.start.push_back(slice->start);
    set.end.push_back(slice->end);
    set.split.push_back(named.split);
    set.letters.push_back(std::move(record.letters));
  }
  std::map<std::string, std::vector<size_t>> rows;
  for (const auto& [name, of_split] : places) {
    if (of_split.rbegin()->first + 1 != static_cast<int64_t>(of_split.size()))
      throw Error("{}: the {} windows of '{}' have indices up to {}; expected 0 to {}",
                  fasta.string(), of_split.size(), name, of_split.rbegin()->first,
                  of_split.size() - 1);
    for (const auto& [index, window] : of_split) rows[name].push_back(window);
  }
  return rows;
}

TrackSet read_made_windows(const PrepareTracksOptions& options) {
  if (options.tracks.empty())
    throw Error("--values needs --tracks, a table with a row a track (identifier, description)");
  TrackSet set;
  set.bin_size = options.bin;
  read_track_table(options.tracks, set);
  const auto rows = read_windows(options.fasta, set);
  std::set<std::string> given;
  for (const auto& [name, file] : options.values) {
    if (rows.count(name) == 0)
      throw Error("--values {}={}: {} has no window of the split '{}'", name, file.string(),
                  options.fasta.string(), name);
    if (!given.insert(name).second) throw Error("--values {}=...: given twice", name);
    const std::vector<size_t>& windows = rows.at(name);
    const std::vector<float> values = read_float16_file(file);
    const size_t row = values.size() / windows.size();
    if (values.empty() || values.size() % (windows.size() * set.tracks.size()) != 0)
      throw Error("{}: {} numbers are not {} windows x bins x {} tracks", file.string(),
                  values.size(), windows.size(), set.tracks.size());
    const auto bins = static_cast<int64_t>(row / set.tracks.size());
    if (set.num_bins != 0 && bins != set.num_bins)
      throw Error("{}: {} bins a window, but {} in the files before it", file.string(), bins,
                  set.num_bins);
    set.num_bins = bins;
    set.targets.resize(set.num_windows() * row);
    for (size_t i = 0; i < windows.size(); ++i)
      std::copy_n(values.begin() + static_cast<int64_t>(i * row), row,
                  set.targets.begin() + static_cast<int64_t>(windows[i] * row));
  }
  for (const auto& [name, windows] : rows)
    if (given.count(name) == 0)
      throw Error("{}: has {} windows of '{}'; pass --values {}=FILE", options.fasta.string(),
                  windows.size(), name, name);
  return set;
}

std::string split_of(const BedRegion& region, const PrepareTracksOptions& options) {
  const auto among = [&region](const std::vector<std::string>& chroms) {
    return std::find(chroms.begin(), chroms.end(), region.chrom) != chroms.end();
  };
  if (options.valid_chromosomes.empty() && options.test_chromosomes.empty()) {
    if (region.name == "train" || region.name == "valid" || region.name == "test")
      return region.name;
    throw Error(
        "{}:{}: column 4 is '{}', expected train, valid or test; or say the split by "
        "--valid-chromosomes and --test-chromosomes",
        options.regions.string(), region.line, region.name);
  }
  if (among(options.valid_chromosomes) && among(options.test_chromosomes))
    throw Error("{} is named by --valid-chromosomes and by --test-chromosomes", region.chrom);
  return among(options.test_chromosomes)    ? "test"
         : among(options.valid_chromosomes) ? "valid"
                                            : "train";
}

void add_region(const BedRegion& region, const Genome& genome, const PrepareTracksOptions& options,
                TrackSet& set) {
  const std::string where = fmt::format("{}:{}: {}:{}-{}", options.regions.string(), region.line,
                                        region.chrom, region.start, region.end);
  const Genome::Stretch* sequence = genome.find(region.chrom, region.start, region.end);
  if (sequence == nullptr) {
    const auto other = genome.other_name(region.chrom);
    throw Error("{}: lies in no sequence of {}{}", where, options.genome.string(),
                other ? "; did you mean '" + *other + "'?" : "");
  }
  const int64_t from = region.start - options.context, to = region.end + options.context;
  if (from < 0)
    throw Error("{}: with --context {} it begins before the chromosome", where, options.context);
  if ((region.end - region.start) % options.bin != 0)
    throw Error("{}: {} bases are no whole number of bins of {}", where, region.end - region.start,
                options.bin);
  set.chrom.push_back(region.chrom);
  set.start.push_back(from);
  set.end.push_back(to);
  set.split.push_back(split_of(region, options));
  set.letters.push_back(sequence->slice(from, to));
}

// The tracks' names, and where the table stands for them, their descriptions.
void name_tracks(const PrepareTracksOptions& options, TrackSet& set) {
  std::vector<std::string> names;
  for (const auto& [name, file] : options.bigwigs) names.push_back(name);
  if (options.tracks.empty()) {
    set.tracks = names;
    set.descriptions.assign(names.size(), "");
    set.strand_pair.resize(names.size());
    std::iota(set.strand_pair.begin(), set.strand_pair.end(), 0);
    return;
  }
  read_track_table(options.tracks, set);
  if (set.tracks != names)
    throw Error("{}: names {}; --bigwig names {}; give the same in the same order",
                options.tracks.string(), fmt::join(set.tracks, ", "), fmt::join(names, ", "));
}

TrackSet read_bigwigs(const PrepareTracksOptions& options) {
  if (options.bin < 1) throw Error("--bin {}: expected 1 or more", options.bin);
  if (options.context < 0) throw Error("--context {}: expected 0 or more", options.context);
  TrackSet set;
  set.bin_size = options.bin;
  name_tracks(options, set);
  {
    const Genome genome(options.genome);
    for (const BedRegion& region : read_bed(options.regions))
      add_region(region, genome, options, set);
  }
  set.num_bins = (set.window_bp() - 2 * options.context) / options.bin;
  const size_t tracks = set.tracks.size(), bins = static_cast<size_t>(set.num_bins);
  set.targets.resize(set.num_windows() * bins * tracks);
  for (size_t track = 0; track < tracks; ++track) {
    const fs::path& file = options.bigwigs[track].file;
    const BigWigReader reader(file);
    int64_t covered = 0;
    for (size_t window = 0; window < set.num_windows(); ++window) {
      if (!reader.chrom_length(set.chrom[window]))
        throw Error("{}: has no chromosome '{}', which {} has", file.string(), set.chrom[window],
                    options.regions.string());
      const BigWigReader::Bins read =
          reader.means(set.chrom[window], set.start[window] + options.context,
                       set.end[window] - options.context, options.bin);
      covered += read.covered;
      for (size_t bin = 0; bin < std::min(bins, read.means.size()); ++bin)
        set.targets[(window * bins + bin) * tracks + track] = read.means[bin];
    }
    const int64_t bases = static_cast<int64_t>(set.num_windows()) * set.num_bins * options.bin;
    log_info("{}: {:.1f} % of the bases have a value, the others count as 0", set.tracks[track],
             100.0 * static_cast<double>(covered) / static_cast<double>(bases));
  }
  return set;
}

std::string describe(const TrackSet& set, const fs::path& out) {
  std::string text =
      fmt::format("{}: {} windows of {} bases, {} bins of {} in the middle\n", out.string(),
                  set.num_windows(), set.window_bp(), set.num_bins, set.bin_size);
  for (const char* part : {"train", "valid", "test"}) {
    const size_t count = set.windows_of(part).size();
    if (count > 0) text += fmt::format("  {:<6} {:>6} windows\n", part, count);
  }
  std::map<std::string, int64_t> groups;
  for (const auto& description : set.descriptions) ++groups[track_group(description)];
  for (const auto& [group, count] : groups)
    text += fmt::format("  {:<6} {:>6} tracks\n", group.empty() ? "all" : group, count);
  return text;
}

}  // namespace

std::string prepare_tracks(const PrepareTracksOptions& options) {
  const bool made = !options.fasta.empty() || !options.values.empty();
  const bool raw = !options.genome.empty() || !options.regions.empty() || !options.bigwigs.empty();
  if (made == raw || (made && (options.fasta.empty() || options.values.empty())) ||
      (raw && (options.genome.empty() || options.regions.empty() || options.bigwigs.empty()))) {
    throw Error(
        "give --genome, --regions and --bigwig NAME=FILE, or --fasta, --values SPLIT=FILE and "
        "--tracks");
  }
  require_absent_or_force(options.out, options.force);
  const TrackSet set = made ? read_made_windows(options) : read_bigwigs(options);
  check_tracks(set, made ? options.fasta.string() : options.regions.string());
  const WindowOverlaps overlaps = overlaps_between_splits(set);
  if (overlaps.count > 0)
    log_warning("{} pairs of windows of different splits have bases in common, the first: {}",
                overlaps.count, overlaps.first);
  write_tracks(set, options.out);
  return describe(set, options.out);
}

}  // namespace cohesin
