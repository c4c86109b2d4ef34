#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <vector>

#include "cohesin/base/file.h"

namespace cohesin {

// NumPy's .npz with one array, "arr_0", as numpy.savez(path, array) makes it: a zip archive whose
// only member is not compressed. float32, row-major; the same numbers give the same bytes. Written
// in pieces, whole or not at all.
class NpzWriter {
 public:
  // Throws Error for 4 GiB and more, beyond which a zip archive is of another format.
  NpzWriter(const std::filesystem::path& path, const std::vector<int64_t>& shape);
  void write(std::span<const float> values);
  void commit();  // all values must be written

 private:
  void write_bytes(const char* bytes, size_t count);
  // What local header and directory share: from the version needed to the length of the extra part.
  std::string entry() const;

  std::filesystem::path path_;
  AtomicFile pending_;
  std::ofstream stream_;
  uint64_t size_ = 0, written_ = 0;  // of the member
  uint32_t checksum_ = 0;
};

}  // namespace cohesin
