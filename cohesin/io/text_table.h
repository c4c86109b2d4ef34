#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cohesin {

// A CSV or TSV file whose fields stay the text that they are, to be written again with columns
// added. Rows keep their lines for messages.
struct TextTable {
  std::filesystem::path path;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<int64_t> lines;

  // Where a column of this name stands. Throws Error naming the nearest.
  size_t column(const std::string& name) const;
  // The first of these names that a column has, in any case; npos if none.
  size_t first_of(const std::vector<std::string>& names) const;
  static constexpr size_t npos = static_cast<size_t>(-1);
};

// As RecordReader reads it; a table of one column needs no separator. Throws Error for a ragged
// row, naming its line, and for a table without rows.
TextTable read_text_table(const std::filesystem::path& path);

// Fields between tabs, or commas where the path ends in .csv or .csv.gz; quoted where they need it.
// gzip by name.
void write_text_table(const TextTable& table, const std::filesystem::path& path);

}  // namespace cohesin
