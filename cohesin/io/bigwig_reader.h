#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cohesin {

// The values of a bigWig file, any stretch of any chromosome.
class BigWigReader {
 public:
  // Throws Error for what is no bigWig.
  explicit BigWigReader(const std::filesystem::path& path);
  ~BigWigReader();
  BigWigReader(const BigWigReader&) = delete;
  BigWigReader& operator=(const BigWigReader&) = delete;

  // None for a chromosome that the file does not have.
  std::optional<int64_t> chrom_length(const std::string& chrom) const;

  // Of the bases [start,end) in bins of `bin_size`: the sum of a bin's values over its bases, with
  // 0 where the file has none, divided by bin_size. `covered` counts the bases that have a value.
  struct Bins {
    std::vector<float> means;
    int64_t covered = 0;
  };
  // Throws Error for a value that is no number, and where the file is damaged.
  Bins means(const std::string& chrom, int64_t start, int64_t end, int64_t bin_size) const;

 private:
  struct File;
  std::filesystem::path path_;
  std::unique_ptr<File> file_;
};

}  // namespace cohesin
