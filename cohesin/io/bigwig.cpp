#include "cohesin/io/bigwig.h"

#define NOCURL  // bigWig.h asks for the headers of curl otherwise, which nothing here needs
#include <bigWig.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <tuple>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"

namespace cohesin {
namespace {

struct Close {
  void operator()(bigWigFile_t* file) const { bwClose(file); }
};

// The intervals of one chromosome as the library takes them, without overlaps.
struct Columns {
  std::vector<uint32_t> starts, ends;
  std::vector<float> values;
};

std::map<std::string, Columns> without_overlaps(const std::filesystem::path& path,
                                                const std::map<std::string, int64_t>& chrom_lengths,
                                                std::vector<BigWigInterval> intervals) {
  std::stable_sort(intervals.begin(), intervals.end(), [](const auto& a, const auto& b) {
    return std::tie(a.chrom, a.start) < std::tie(b.chrom, b.start);
  });
  std::map<std::string, Columns> by_chrom;
  for (const auto& interval : intervals) {
    const auto length = chrom_lengths.find(interval.chrom);
    if (length == chrom_lengths.end() || interval.start < 0 || interval.end > length->second)
      throw Error("{}: {}:{}-{} lies beyond its chromosome", path.string(), interval.chrom,
                  interval.start, interval.end);
    Columns& columns = by_chrom[interval.chrom];
    const int64_t free = columns.ends.empty() ? 0 : static_cast<int64_t>(columns.ends.back());
    const int64_t start = std::max(interval.start, free);
    if (start >= interval.end) continue;
    columns.starts.push_back(static_cast<uint32_t>(start));
    columns.ends.push_back(static_cast<uint32_t>(interval.end));
    columns.values.push_back(interval.value);
  }
  return by_chrom;
}

bool write_all(bigWigFile_t& file, const std::map<std::string, int64_t>& chrom_lengths,
               std::map<std::string, Columns>& by_chrom) {
  constexpr int32_t kZoomLevels = 10;
  std::vector<const char*> names;
  std::vector<uint32_t> lengths;
  for (const auto& [name, length] : chrom_lengths) {
    names.push_back(name.c_str());
    lengths.push_back(static_cast<uint32_t>(length));
  }
  if (bwCreateHdr(&file, kZoomLevels) != 0) return false;
  file.cl = bwCreateChromList(names.data(), lengths.data(), static_cast<int64_t>(names.size()));
  if (file.cl == nullptr || bwWriteHdr(&file) != 0) return false;
  for (auto& [name, columns] : by_chrom) {
    const std::vector<const char*> chroms(columns.starts.size(), name.c_str());
    if (bwAddIntervals(&file, chroms.data(), columns.starts.data(), columns.ends.data(),
                       columns.values.data(), static_cast<uint32_t>(chroms.size())) != 0)
      return false;
  }
  return true;
}

}  // namespace

void write_bigwig(const std::filesystem::path& path,
                  const std::map<std::string, int64_t>& chrom_lengths,
                  std::vector<BigWigInterval> intervals) {
  for (const auto& [name, length] : chrom_lengths)
    if (length > std::numeric_limits<uint32_t>::max())
      throw Error("{}: '{}' has {} bases, more than bigWig can hold", path.string(), name, length);
  auto by_chrom = without_overlaps(path, chrom_lengths, std::move(intervals));
  constexpr size_t kBufferBytes = 1 << 17;
  if (bwInit(kBufferBytes) != 0) throw Error("{}: libBigWig does not start", path.string());
  AtomicFile pending(path);
  const std::string name = pending.temporary().string();
  const auto fail = [&path] {
    throw Error("{}: libBigWig could not write it; is the disk full?", path.string());
  };
  {
    const std::unique_ptr<bigWigFile_t, Close> file(bwOpen(name.c_str(), nullptr, "w"));
    if (!file || !write_all(*file, chrom_lengths, by_chrom)) fail();
  }
  // Closing writes the indices, and does not say whether it could.
  const std::unique_ptr<bigWigFile_t, Close> again(bwOpen(name.c_str(), nullptr, "r"));
  if (!again) fail();
  pending.commit();
}

}  // namespace cohesin
