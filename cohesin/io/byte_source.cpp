#include "cohesin/io/byte_source.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cohesin/base/error.h"

namespace cohesin {

namespace {

constexpr size_t kInputBytes = size_t{256} * 1024;

}  // namespace

struct ByteSource::Inflater {
  z_stream stream{};
  bool begun = false;
  ~Inflater() {
    if (begun) inflateEnd(&stream);
  }
};

ByteSource::ByteSource(const std::filesystem::path& path) : path_(path), input_(kInputBytes) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed))
    throw Error("{}: is a folder, a file is needed", path.string());
  // Opening /dev/stdin anew fails where it is a socket.
  file_.reset(path == "/dev/stdin" ? ::fdopen(::dup(STDIN_FILENO), "rb")
                                   : std::fopen(path.c_str(), "rb"));
  if (file_ == nullptr) throw Error("{}: cannot open: {}", path.string(), std::strerror(errno));
  size_ = std::filesystem::file_size(path, failed);
  if (failed) size_ = 0;
  refill();
  if (available_ >= 2 && input_[0] == 0x1f && input_[1] == 0x8b) {
    inflater_ = std::make_unique<Inflater>();
    // 16 + 15: gzip wrapper, largest window
    if (inflateInit2(&inflater_->stream, 16 + MAX_WBITS) != Z_OK)
      throw Error("{}: no memory to inflate", path.string());
    inflater_->begun = true;
  }
}

ByteSource::~ByteSource() = default;

double ByteSource::fraction_read() const {
  if (size_ == 0) return 1.0;
  return static_cast<double>(bytes_taken_ - available_) / static_cast<double>(size_);
}

size_t ByteSource::read(char* to, size_t size) {
  if (inflater_ != nullptr) return read_inflated(to, size);
  if (available_ == 0) refill();
  const size_t count = std::min(size, available_);
  std::memcpy(to, input_.data() + position_, count);
  position_ += count;
  available_ -= count;
  return count;
}

void ByteSource::refill() {
  position_ = 0;
  available_ = std::fread(input_.data(), 1, input_.size(), file_.get());
  bytes_taken_ += available_;
  if (available_ == 0 && std::ferror(file_.get()) != 0)
    throw Error("{}: cannot read: {}", path_.string(), std::strerror(errno));
}

size_t ByteSource::read_inflated(char* to, size_t size) {
  z_stream& stream = inflater_->stream;
  stream.next_out = reinterpret_cast<Bytef*>(to);
  stream.avail_out = static_cast<uInt>(size);
  while (stream.avail_out == size) {
    if (available_ == 0) refill();
    if (available_ == 0) {
      if (member_ended_) return 0;
      throw Error("{}: truncated gzip: the file ends inside a compressed block; copy it again",
                  path_.string());
    }
    if (member_ended_ && !begin_member()) return 0;
    stream.next_in = input_.data() + position_;
    stream.avail_in = static_cast<uInt>(available_);
    const int status = inflate(&stream, Z_NO_FLUSH);
    position_ += available_ - stream.avail_in;
    available_ = stream.avail_in;
    if (status == Z_STREAM_END) {
      member_ended_ = true;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      throw Error("{}: damaged gzip: {}", path_.string(),
                  stream.msg == nullptr ? "wrong data" : stream.msg);
    }
  }
  return size - stream.avail_out;
}

// After a member: zeros may pad the file to its end (as tape and cloud tools do), else another
// member follows.
bool ByteSource::begin_member() {
  while (available_ > 0 && input_[position_] == 0) {
    ++position_;
    if (--available_ == 0) refill();
  }
  if (available_ == 0) return false;
  if (input_[position_] != 0x1f)
    throw Error("{}: bytes after the end of the gzip data are not gzip", path_.string());
  if (inflateReset(&inflater_->stream) != Z_OK)
    throw Error("{}: the gzip stream cannot be continued", path_.string());
  member_ended_ = false;
  return true;
}

}  // namespace cohesin
