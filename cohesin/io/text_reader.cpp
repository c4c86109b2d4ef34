#include "cohesin/io/text_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "cohesin/base/error.h"
#include "cohesin/io/byte_source.h"

namespace cohesin {

namespace {

constexpr size_t kBufferBytes = size_t{1024} * 1024;

}  // namespace

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
