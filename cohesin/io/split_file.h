#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cohesin {

// A fold or split file: TSV with the header `sample fold` (any text; 0, 1, ... by our `split`) or
// `sample split` (train, valid, test), a row a sample.
struct SampleSplit {
  std::string column;                // "fold" or "split"
  std::vector<std::string> samples;  // in the order of the file
  std::vector<std::string> parts;    // [samples]

  // The distinct parts: train, valid, test in this order; folds by number, else by name.
  std::vector<std::string> part_names() const;
};

// Throws Error naming file and line: another header, a sample that occurs twice, an empty field, a
// split that is none of the three, no row.
SampleSplit read_split(const std::filesystem::path& path);

std::string split_tsv(const SampleSplit& split);

}  // namespace cohesin
