#pragma once

#include <filesystem>
#include <string_view>

namespace cohesin {

// An output that appears whole or not at all: the writer fills `temporary()`, a file beside the
// target; commit() syncs it to disk and renames it over the target. Without commit() it is removed.
// Whether an existing target may be replaced is decided by the caller, before.
class PendingFile {
 public:
  // Throws Error when the folder is missing or nothing can be written to it.
  explicit PendingFile(std::filesystem::path target);
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  const std::filesystem::path& temporary() const { return temporary_; }
  // Throws Error, and leaves an older target as it was, when the disk refuses.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool committed_ = false;
};

// The whole content of a small file, written through a PendingFile.
void write_whole_file(const std::filesystem::path& path, std::string_view content);

}  // namespace cohesin
