#include "cohesin/io/text_reader.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

#include "cohesin/base/error.h"

namespace cohesin {

namespace {

constexpr size_t kInputBytes = size_t{256} * 1024;
constexpr size_t kBufferBytes = size_t{1024} * 1024;

}  // namespace

// Reads a file and inflates it where it begins with the gzip magic (RFC 1952).
class ByteSource {
 public:
  explicit ByteSource(const std::filesystem::path& path) : path_(path), input_(kInputBytes) {
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
      // 16 + 15: gzip wrapper, largest window
      if (inflateInit2(&inflater_, 16 + MAX_WBITS) != Z_OK)
        throw Error("{}: no memory to inflate", path.string());
      compressed_ = true;
    }
  }
  ~ByteSource() {
    if (compressed_) inflateEnd(&inflater_);
  }
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  double fraction_read() const {
    if (size_ == 0) return 1.0;
    return static_cast<double>(bytes_taken_ - available_) / static_cast<double>(size_);
  }

  // Up to `size` bytes of text; 0 at the end.
  size_t read(char* to, size_t size) {
    if (compressed_) return read_inflated(to, size);
    if (available_ == 0) refill();
    const size_t count = std::min(size, available_);
    std::memcpy(to, input_.data() + position_, count);
    position_ += count;
    available_ -= count;
    return count;
  }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void refill() {
    position_ = 0;
    available_ = std::fread(input_.data(), 1, input_.size(), file_.get());
    bytes_taken_ += available_;
    if (available_ == 0 && std::ferror(file_.get()) != 0)
      throw Error("{}: cannot read: {}", path_.string(), std::strerror(errno));
  }

  size_t read_inflated(char* to, size_t size) {
    inflater_.next_out = reinterpret_cast<Bytef*>(to);
    inflater_.avail_out = static_cast<uInt>(size);
    while (inflater_.avail_out == size) {
      if (available_ == 0) refill();
      if (available_ == 0) {
        if (member_ended_) return 0;
        throw Error("{}: truncated gzip: the file ends inside a compressed block; copy it again",
                    path_.string());
      }
      if (member_ended_ && !begin_member()) return 0;
      inflater_.next_in = input_.data() + position_;
      inflater_.avail_in = static_cast<uInt>(available_);
      const int status = inflate(&inflater_, Z_NO_FLUSH);
      position_ += available_ - inflater_.avail_in;
      available_ = inflater_.avail_in;
      if (status == Z_STREAM_END) {
        member_ended_ = true;
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        throw Error("{}: damaged gzip: {}", path_.string(),
                    inflater_.msg == nullptr ? "wrong data" : inflater_.msg);
      }
    }
    return size - inflater_.avail_out;
  }

  // After a member: zeros may pad the file to its end (as tape and cloud tools do), else another
  // member follows.
  bool begin_member() {
    while (available_ > 0 && input_[position_] == 0) {
      ++position_;
      if (--available_ == 0) refill();
    }
    if (available_ == 0) return false;
    if (input_[position_] != 0x1f)
      throw Error("{}: bytes after the end of the gzip data are not gzip", path_.string());
    if (inflateReset(&inflater_) != Z_OK)
      throw Error("{}: the gzip stream cannot be continued", path_.string());
    member_ended_ = false;
    return true;
  }

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  uint64_t size_ = 0, bytes_taken_ = 0;
  std::vector<unsigned char> input_;
  size_t position_ = 0, available_ = 0;
  z_stream inflater_{};
  bool compressed_ = false, member_ended_ = false;
};

TextReader::TextReader(std::filesystem::path path, std::vector<std::string> comment_prefixes)
    : path_(std::move(path)),
      comment_prefixes_(std::move(comment_prefixes)),
      source_(std::make_unique<ByteSource>(path_)),
      buffer_(kBufferBytes) {
  fill();
  const std::string_view start(buffer_.data(), end_);
  if (start.substr(0, 3) == "\xEF\xBB\xBF") begin_ = 3;
  if (start.substr(0, 2) == "\xFF\xFE" || start.substr(0, 2) == "\xFE\xFF")
    throw Error("{}: is UTF-16 text; save it as UTF-8", path_.string());
}

TextReader::~TextReader() = default;

double TextReader::fraction_read() const { return source_->fraction_read(); }

// Moves the unread bytes to the front, grows the buffer where a line fills it, reads more.
bool TextReader::fill() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const size_t count = source_->read(buffer_.data() + end_, buffer_.size() - end_);
  if (count > 0 && std::memchr(buffer_.data() + end_, 0, count) != nullptr)
    throw Error("{}: holds NUL bytes after line {}: this is not a text file", path_.string(),
                line_number_);
  end_ += count;
  at_end_ = count == 0;
  return count > 0;
}

bool TextReader::take_line(std::string_view& line) {
  size_t searched = 0;  // bytes after begin_ known to hold no line end
  while (true) {
    const char* start = buffer_.data() + begin_;
    const void* found = std::memchr(start + searched, '\n', end_ - begin_ - searched);
    if (found != nullptr) {
      const size_t length = static_cast<size_t>(static_cast<const char*>(found) - start);
      line = std::string_view(start, length);
      begin_ += length + 1;
      break;
    }
    searched = end_ - begin_;
    if (fill()) continue;
    if (searched == 0) return false;
    line = std::string_view(buffer_.data() + begin_, searched);
    begin_ = end_;
    break;
  }
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  ++line_number_;
  return true;
}

bool TextReader::next_line(std::string_view& line) {
  const auto is_comment = [this](std::string_view text) {
    return std::any_of(
        comment_prefixes_.begin(), comment_prefixes_.end(),
        [text](const std::string& prefix) { return text.substr(0, prefix.size()) == prefix; });
  };
  while (take_line(line))
    if (!is_comment(line)) return true;
  return false;
}

bool TextReader::next_line(std::string& line) {
  std::string_view view;
  if (!next_line(view)) return false;
  line.assign(view);
  return true;
}

void TextReader::fail_with(const std::string& text) const {
  throw Error("{}:{}: {}", path_.string(), line_number_, text);
}

int64_t TextReader::parse_int(std::string_view field, std::string_view name) const {
  int64_t value = 0;
  const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (status != std::errc() || end != field.data() + field.size())
    fail("expected an integer for '{}', got '{}'", name, field);
  return value;
}

double TextReader::parse_number(std::string_view field, std::string_view name) const {
  double value = 0;
  const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (status != std::errc() || end != field.data() + field.size() || !std::isfinite(value))
    fail("expected a number for '{}', got '{}'", name, field);
  return value;
}

void split(std::string_view line, char separator, std::vector<std::string_view>& fields) {
  fields.clear();
  while (true) {
    const size_t at = line.find(separator);
    fields.push_back(line.substr(0, at));
    if (at == std::string_view::npos) return;
    line.remove_prefix(at + 1);
  }
}

std::vector<std::string_view> split(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  split(line, separator, fields);
  return fields;
}

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace cohesin
