#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cohesin {

class ByteSource;  // the file's bytes, plain or inflated

// Lines of a text file, plain or gzip (recognised by its first bytes; several gzip members in a
// row, as bgzip writes them, are one text). CRLF and LF both end a line, a UTF-8 byte order mark at
// the start is removed, the last line may lack its end. Every method may throw Error: the file
// cannot be read, the gzip stream is truncated or damaged, a line holds a NUL byte (binary data).
class TextReader {
 public:
  // Lines that begin with one of `comment_prefixes` are counted and skipped.
  explicit TextReader(std::filesystem::path path, std::vector<std::string> comment_prefixes = {});
  ~TextReader();
  TextReader(const TextReader&) = delete;
  TextReader& operator=(const TextReader&) = delete;

  // The next line without its end; false at the end of the file. The view lives until the next
  // call; the string is a copy.
  bool next_line(std::string_view& line);
  bool next_line(std::string& line);

  const std::filesystem::path& path() const { return path_; }
  int64_t line_number() const { return line_number_; }  // of the last line, 1-based
  // The part of the file that has been read, 0..1, in compressed bytes where it is compressed.
  double fraction_read() const;

  // Throws Error "path:line: text".
  template <typename... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) const {
    fail_with(fmt::format(text, std::forward<Args>(args)...));
  }
  // Throw Error naming `name` unless the whole field is a number. NaN and inf are refused.
  int64_t parse_int(std::string_view field, std::string_view name) const;
  double parse_number(std::string_view field, std::string_view name) const;

 private:
  [[noreturn]] void fail_with(const std::string& text) const;
  bool fill();
  bool take_line(std::string_view& line);

  std::filesystem::path path_;
  std::vector<std::string> comment_prefixes_;
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;  // the unread bytes of buffer_
  bool at_end_ = false;
  int64_t line_number_ = 0;
};

// The fields of a line between separators; an empty line is one empty field.
std::vector<std::string_view> split(std::string_view line, char separator);
void split(std::string_view line, char separator, std::vector<std::string_view>& fields);

// `text` without spaces and tabs at both ends.
std::string_view trim(std::string_view text);

}  // namespace cohesin
