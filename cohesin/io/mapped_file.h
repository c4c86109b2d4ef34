#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace cohesin {

// A file's bytes, mapped read-only for as long as this lives.
class MappedFile {
 public:
  // Throws Error when the path is missing, a folder or unreadable. An empty file gives no bytes.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace cohesin
