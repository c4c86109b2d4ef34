#include "cohesin/run/track_bigwig.h"

#include <cctype>
#include <set>

#include "cohesin/base/error.h"

namespace cohesin {

bool is_bigwig_path(const std::filesystem::path& path) {
  const std::string end = path.extension().string();
  return end == ".bw" || end == ".bigwig" || end == ".bigWig";
}

std::vector<std::filesystem::path> bigwig_paths(const std::filesystem::path& out,
                                                const std::vector<std::string>& tracks) {
  if (tracks.size() == 1) return {out};
  constexpr size_t kMostFiles = 200;
  if (tracks.size() > kMostFiles)
    throw Error(
        "{}: a bigWig holds one track, and there are {}; choose some by --track NAME, or "
        "write all to .h5ad",
        out.string(), tracks.size());
  std::vector<std::filesystem::path> paths;
  std::set<std::filesystem::path> seen;
  for (const auto& track : tracks) {
    std::string name = track;
    for (char& letter : name) {
      const bool plain = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '.' ||
                         letter == '-' || letter == '+';
      if (!plain) letter = '_';
    }
    std::filesystem::path path = out;
    path.replace_extension("." + name + out.extension().string());
    if (!seen.insert(path).second)
      throw Error("{}: the file of two tracks, one of them '{}'; give them other names by --tracks",
                  path.string(), track);
    paths.push_back(path);
  }
  return paths;
}

void write_rows_as_bigwigs(const RowJournal& journal, const Frame& obs,
                           const std::map<std::string, int64_t>& chrom_lengths,
                           const std::vector<std::filesystem::path>& paths) {
  const auto& chroms = obs.at("chrom", "obs").text();
  const auto& starts = obs.at("start", "obs").numbers();
  const auto& ends = obs.at("end", "obs").numbers();
  for (size_t track = 0; track < paths.size(); ++track) {
    std::vector<BigWigInterval> intervals;
    journal.replay([&](const RowBlock& block) {
      for (size_t i = track; i < block.values.size(); i += paths.size()) {
        const size_t row = intervals.size();
        intervals.push_back({chroms[row], static_cast<int64_t>(starts[row]),
                             static_cast<int64_t>(ends[row]), block.values[i]});
      }
    });
    write_bigwig(paths[track], chrom_lengths, std::move(intervals));
  }
}

}  // namespace cohesin
