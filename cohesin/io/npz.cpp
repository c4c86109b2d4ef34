#include "cohesin/io/npz.h"

#include <zlib.h>

#include <bit>
#include <cassert>
#include <limits>
#include <string>

#include "cohesin/base/error.h"
#include "cohesin/io/npy.h"

namespace cohesin {
namespace {

// After APPNOTE.TXT, "ZIP File Format Specification", versions without ZIP64.
const std::string kMember = "arr_0.npy";
constexpr uint32_t kLocalHeader = 0x04034b50, kDirectoryHeader = 0x02014b50, kEnd = 0x06054b50;
constexpr uint16_t kVersion = 20;           // 2.0
constexpr uint16_t kFirstDay = 1 << 5 | 1;  // 1980-01-01, so that bytes do not change with the time

void put(std::string& bytes, uint16_t number) {
  bytes += static_cast<char>(number & 0xff);
  bytes += static_cast<char>(number >> 8);
}
void put(std::string& bytes, uint32_t number) {
  put(bytes, static_cast<uint16_t>(number & 0xffff));
  put(bytes, static_cast<uint16_t>(number >> 16));
}

}  // namespace

NpzWriter::NpzWriter(const std::filesystem::path& path, const std::vector<int64_t>& shape)
    : path_(path), pending_(path), stream_(pending_.temporary(), std::ios::binary) {
  static_assert(std::endian::native == std::endian::little);
  const std::string header = npy_header(shape);
  size_ = sizeof(float);
  for (const int64_t extent : shape) size_ *= static_cast<uint64_t>(extent);
  size_ += header.size();
  constexpr uint64_t kRoomForTheRest = 1024;
  if (size_ > std::numeric_limits<uint32_t>::max() - kRoomForTheRest)
    throw Error(
        "{}: an array of {} bytes; an .npz here holds less than 4 GiB, so give fewer regions",
        path.string(), size_);
  std::string bytes;
  put(bytes, kLocalHeader);
  bytes += entry() + kMember;  // again with the checksum at the end
  stream_ << bytes;
  write_bytes(header.data(), header.size());
}

std::string NpzWriter::entry() const {
  std::string bytes;
  put(bytes, kVersion);
  put(bytes, uint16_t{0});  // flags
  put(bytes, uint16_t{0});  // stored
  put(bytes, uint16_t{0});  // time
  put(bytes, kFirstDay);
  put(bytes, checksum_);
  put(bytes, static_cast<uint32_t>(size_));  // compressed
  put(bytes, static_cast<uint32_t>(size_));
  put(bytes, static_cast<uint16_t>(kMember.size()));
  put(bytes, uint16_t{0});  // extra
  return bytes;
}

void NpzWriter::write_bytes(const char* bytes, size_t count) {
  checksum_ = static_cast<uint32_t>(
      crc32_z(checksum_, reinterpret_cast<const unsigned char*>(bytes), count));
  stream_.write(bytes, static_cast<std::streamsize>(count));
  written_ += count;
}

void NpzWriter::write(std::span<const float> values) {
  write_bytes(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

void NpzWriter::commit() {
  assert(written_ == size_);
  std::string directory, end;
  put(directory, kDirectoryHeader);
  put(directory, kVersion);
  directory += entry();
  put(directory, uint16_t{0});  // comment
  put(directory, uint16_t{0});  // disk
  put(directory, uint16_t{0});  // attributes, of the member and of its file
  put(directory, uint32_t{0});
  put(directory, uint32_t{0});  // where its local header is
  directory += kMember;
  std::string start;
  put(start, kLocalHeader);
  start += entry();
  put(end, kEnd);
  put(end, uint16_t{0});  // disk
  put(end, uint16_t{0});  // disk of the directory
  put(end, uint16_t{1});  // members here
  put(end, uint16_t{1});  // and in all
  put(end, static_cast<uint32_t>(directory.size()));
  put(end, static_cast<uint32_t>(start.size() + kMember.size() + size_));
  put(end, uint16_t{0});  // comment
  stream_ << directory << end;
  stream_.seekp(0);
  stream_ << start;
  stream_.close();
  if (!stream_) throw Error("{}: cannot be written; is the disk full?", path_.string());
  pending_.commit();
}

}  // namespace cohesin
