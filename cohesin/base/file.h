#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace cohesin {

// Everything here throws Error that names the path, what the system said and what to do about it.

// The whole file.
std::string read_text(const std::filesystem::path& path);

// A file that is whole or absent: write to `temporary()`, which lies beside it, then `commit()`
// flushes it to the disk and renames it. Without commit the temporary file is removed. What is no
// regular file (/dev/stdout, a pipe) is written directly.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  const std::filesystem::path& temporary() const { return temporary_; }
  void commit();

 private:
  std::filesystem::path target_, temporary_;
};

// Writes the file through AtomicFile.
void write_text(const std::filesystem::path& path, std::string_view text);

// Makes the folder and its parents; one that is there already is fine.
void make_folder(const std::filesystem::path& path);

// Flushes a file, or a folder's list of names, to the disk.
void sync_to_disk(const std::filesystem::path& path);

// Call before long work: refuses a `path` that exists unless `force`, and one that could not be
// written anyway. Nothing is removed.
void require_absent_or_force(const std::filesystem::path& path, bool force);

// Throws "cannot <doing> '<path>': <the system's words>; <what to do>" for an errno.
[[noreturn]] void fail_on_path(const std::string& doing, const std::filesystem::path& path,
                               int error_number);

}  // namespace cohesin
