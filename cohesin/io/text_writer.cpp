#include "cohesin/io/text_writer.h"

#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"

namespace cohesin {

namespace {

// The sections 4.1 and 4.1.2 of the SAM specification (SAMv1): gzip members of at most 64 KiB that
// say their own size, and an empty one at the end.
constexpr size_t kBlockText = 0xff00;
constexpr std::string_view kLastBlock(
    "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\x1b\0\x03\0\0\0\0\0\0\0\0\0", 28);
constexpr size_t kBlockHeader = 18;

void append_little_endian(uint64_t value, int num_bytes, std::string& bytes) {
  for (int i = 0; i < num_bytes; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

std::string block_of(std::string_view text) {
  std::array<Bytef, 1 << 16> packed;
  z_stream deflate_block{};
  constexpr int kRawWindow = -15;
  if (deflateInit2(&deflate_block, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawWindow, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw Error("zlib has not enough memory");
  auto* const bytes = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  deflate_block.next_in = bytes;
  deflate_block.avail_in = static_cast<uInt>(text.size());
  deflate_block.next_out = packed.data();
  deflate_block.avail_out = static_cast<uInt>(packed.size());
  deflate(&deflate_block, Z_FINISH);  // what does not shrink grows by some bytes: there is room
  const size_t size = packed.size() - deflate_block.avail_out;
  deflateEnd(&deflate_block);
  std::string block(kLastBlock.substr(0, kBlockHeader - 2));
  append_little_endian(kBlockHeader + size + 8 - 1, 2, block);
  block.append(reinterpret_cast<const char*>(packed.data()), size);
  append_little_endian(crc32(0, bytes, static_cast<uInt>(text.size())), 4, block);
  append_little_endian(text.size(), 4, block);
  return block;
}

}  // namespace

class TextWriter::Sink {
 public:
  explicit Sink(const std::filesystem::path& path)
      : path_(path), file_(path), stream_(std::fopen(file_.temporary().c_str(), "wb")) {
    if (stream_ == nullptr) fail_on_path("write", path_, errno);
    constexpr int kGzipWindow = 15 + 16;
    is_bgzip_ = path.filename().string().ends_with(".vcf.gz");
    is_gzip_ = path.extension() == ".gz" && !is_bgzip_;
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
    else if (is_bgzip_)
      put_blocks(text);
    else
      put(text);
  }

  void commit() {
    if (is_gzip_) compress({}, Z_FINISH);
    if (is_bgzip_) {
      if (!block_.empty()) put(block_of(block_));
      put(kLastBlock);
    }
    std::FILE* stream = stream_;
    stream_ = nullptr;
    if (std::fclose(stream) != 0) fail_on_path("write", path_, errno);
    file_.commit();
  }

 private:
  void put(std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stream_) != bytes.size())
      fail_on_path("write", path_, errno);
  }

  void put_blocks(std::string_view text) {
    while (!text.empty()) {
      const std::string_view part = text.substr(0, kBlockText - block_.size());
      block_ += part;
      text.remove_prefix(part.size());
      if (block_.size() < kBlockText) return;
      put(block_of(block_));
      block_.clear();
    }
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
      put({reinterpret_cast<const char*>(out.data()), out.size() - deflate_.avail_out});
    } while (deflate_.avail_out == 0);
  }

  std::filesystem::path path_;
  AtomicFile file_;
  std::FILE* stream_;
  z_stream deflate_{};
  bool is_gzip_ = false, is_bgzip_ = false;
  std::string block_;  // text that fills no block yet
};

TextWriter::TextWriter(const std::filesystem::path& path) : sink_(std::make_unique<Sink>(path)) {}
TextWriter::~TextWriter() = default;
void TextWriter::write(std::string_view text) { sink_->write(text); }
void TextWriter::commit() { sink_->commit(); }

}  // namespace cohesin
