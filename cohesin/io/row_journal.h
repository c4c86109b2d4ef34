#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace cohesin {

// Records with their rows of numbers, in the order of the input.
struct RowBlock {
  std::vector<std::string> ids;
  std::vector<int64_t> num_rows;  // of each record
  std::vector<float> values;      // row-major, all rows of all records
};

// Results that come one after the other and must outlive a kill: a file that grows block by block,
// each whole with its digest or ignored. Its name is the final file's with ".part" behind it.
class RowJournal {
 public:
  // Opens `path`, or begins it with these settings (text) and this width of a row. What stands
  // behind the last whole block is cut off. Throws Error when it was begun with other settings, or
  // is no such file.
  RowJournal(const std::filesystem::path& path, const std::string& settings, int64_t width);

  int64_t num_records() const { return num_records_; }
  int64_t num_rows() const { return num_rows_; }
  int64_t width() const { return width_; }
  // What append() was told last: how far the input was read. Empty at the start.
  const std::string& mark() const { return mark_; }

  // Adds a block and flushes it to the disk.
  void append(const RowBlock& block, const std::string& mark);
  // All blocks from the first, one at a time.
  void replay(const std::function<void(const RowBlock&)>& use) const;

 private:
  bool read_block(std::ifstream& stream, RowBlock* block, std::string& mark) const;

  std::filesystem::path path_;
  int64_t width_ = 0, num_records_ = 0, num_rows_ = 0;
  uint64_t first_block_ = 0, end_ = 0;
  std::string mark_;
};

}  // namespace cohesin
