#include "cohesin/io/text_writer.h"

#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"

namespace cohesin {

class TextWriter::Sink {
 public:
  explicit Sink(const std::filesystem::path& path)
      : path_(path), file_(path), stream_(std::fopen(file_.temporary().c_str(), "wb")) {
    if (stream_ == nullptr) fail_on_path("write", path_, errno);
    constexpr int kGzipWindow = 15 + 16;
    is_gzip_ = path.extension() == ".gz";
    if (is_gzip_ && deflateInit2(&deflate_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8,
                                 Z_DEFAULT_STRATEGY) != Z_OK) {
      std::fclose(stream_);
      throw Error("cannot write '{}': zlib has not enough memory", path.string());
    }
  }
  ~Sink() {
    if (is_gzip_) deflateEnd(&deflate_);
    if (stream_ != nullptr) std::fclose(stream_);
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void write(std::string_view text) {
    if (is_gzip_)
      compress(text, Z_NO_FLUSH);
    else
      put(text.data(), text.size());
  }

  void commit() {
    if (is_gzip_) compress({}, Z_FINISH);
    std::FILE* stream = stream_;
    stream_ = nullptr;
    if (std::fclose(stream) != 0) fail_on_path("write", path_, errno);
    file_.commit();
  }

 private:
  void put(const void* bytes, size_t size) {
    if (std::fwrite(bytes, 1, size, stream_) != size) fail_on_path("write", path_, errno);
  }

  void compress(std::string_view text, int flush) {
    std::array<Bytef, 1 << 16> out;
    // zlib reads through a pointer that older versions declare as not const.
    deflate_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    deflate_.avail_in = static_cast<uInt>(text.size());
    do {
      deflate_.next_out = out.data();
      deflate_.avail_out = static_cast<uInt>(out.size());
      deflate(&deflate_, flush);
      put(out.data(), out.size() - deflate_.avail_out);
    } while (deflate_.avail_out == 0);
  }

  std::filesystem::path path_;
  AtomicFile file_;
  std::FILE* stream_;
  z_stream deflate_{};
  bool is_gzip_ = false;
};

TextWriter::TextWriter(const std::filesystem::path& path) : sink_(std::make_unique<Sink>(path)) {}
TextWriter::~TextWriter() = default;
void TextWriter::write(std::string_view text) { sink_->write(text); }
void TextWriter::commit() { sink_->commit(); }

}  // namespace cohesin
