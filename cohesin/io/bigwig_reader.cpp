#include "cohesin/io/bigwig_reader.h"

#define NOCURL  // bigWig.h asks for the headers of curl otherwise, which nothing here needs
#include <bigWig.h>

#include <algorithm>
#include <cmath>

#include "cohesin/base/error.h"

namespace cohesin {

struct BigWigReader::File {
  bigWigFile_t* handle = nullptr;
  ~File() {
    if (handle != nullptr) bwClose(handle);
  }
};

namespace {

struct DestroyIntervals {
  void operator()(bwOverlappingIntervals_t* found) const { bwDestroyOverlappingIntervals(found); }
};

// Bases of [begin,end) that lie in each bin.
template <typename Add>
void over_bins(int64_t begin, int64_t end, int64_t bin_size, const Add& add) {
  while (begin < end) {
    const int64_t bin = begin / bin_size, stop = std::min(end, (bin + 1) * bin_size);
    add(static_cast<size_t>(bin), stop - begin);
    begin = stop;
  }
}

}  // namespace

BigWigReader::BigWigReader(const std::filesystem::path& path)
    : path_(path), file_(std::make_unique<File>()) {
  if (!std::filesystem::is_regular_file(path))
    throw Error("{}: no such file; a bigWig is needed", path.string());
  constexpr size_t kBufferBytes = 1 << 17;
  if (bwInit(kBufferBytes) != 0) throw Error("{}: libBigWig does not start", path.string());
  const std::string name = std::filesystem::absolute(path).string();
  if (bwIsBigWig(name.c_str(), nullptr) == 1) file_->handle = bwOpen(name.c_str(), nullptr, "r");
  if (file_->handle == nullptr || file_->handle->cl == nullptr)
    throw Error("{}: is no bigWig, or a damaged one", path.string());
}

BigWigReader::~BigWigReader() = default;

std::optional<int64_t> BigWigReader::chrom_length(const std::string& chrom) const {
  const chromList_t& list = *file_->handle->cl;
  for (int64_t i = 0; i < list.nKeys; ++i)
    if (chrom == list.chrom[i]) return list.len[i];
  return std::nullopt;
}

BigWigReader::Bins BigWigReader::means(const std::string& chrom, int64_t start, int64_t end,
                                       int64_t bin_size) const {
  const int64_t last = std::min(end, chrom_length(chrom).value_or(0));
  const auto num_bins = static_cast<size_t>((end - start + bin_size - 1) / bin_size);
  std::vector<double> sums(num_bins, 0.0);
  Bins bins;
  if (start < last) {
    const std::unique_ptr<bwOverlappingIntervals_t, DestroyIntervals> found(
        bwGetOverlappingIntervals(file_->handle, chrom.c_str(), static_cast<uint32_t>(start),
                                  static_cast<uint32_t>(last)));
    if (found == nullptr)
      throw Error("{}: {}:{}-{} cannot be read; is the file cut?", path_.string(), chrom, start,
                  last);
    for (uint32_t i = 0; i < found->l; ++i) {
      const double value = found->value[i];
      if (!std::isfinite(value))
        throw Error("{}: {}:{}-{} has the value {}; a number is needed", path_.string(), chrom,
                    found->start[i], found->end[i], value);
      const int64_t from = std::max<int64_t>(found->start[i], start);
      const int64_t to = std::min<int64_t>(found->end[i], last);
      over_bins(from - start, to - start, bin_size, [&](size_t bin, int64_t bases) {
        sums[bin] += value * static_cast<double>(bases);
        bins.covered += bases;
      });
    }
  }
  for (const double sum : sums)
    bins.means.push_back(static_cast<float>(sum / static_cast<double>(bin_size)));
  return bins;
}

}  // namespace cohesin
