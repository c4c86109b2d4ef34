#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

namespace cohesin {

// The bytes of a file, inflated where it begins with the gzip magic (RFC 1952; several members in a
// row are one text). "/dev/stdin" is standard input. Throws Error naming the path: it cannot be
// read, the gzip data are truncated, damaged or followed by something else.
class ByteSource {
 public:
  explicit ByteSource(const std::filesystem::path& path);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // The part of the file that has been read, 0..1, in compressed bytes where it is compressed.
  double fraction_read() const;

  // Up to `size` bytes; 0 at the end.
  size_t read(char* to, size_t size);

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct Inflater;

  void refill();
  size_t read_inflated(char* to, size_t size);
  bool begin_member();

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  uint64_t size_ = 0, bytes_taken_ = 0;
  std::vector<unsigned char> input_;
  size_t position_ = 0, available_ = 0;
  std::unique_ptr<Inflater> inflater_;  // null: not compressed
  bool member_ended_ = false;
};

}  // namespace cohesin
