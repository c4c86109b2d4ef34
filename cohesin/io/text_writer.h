#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

namespace cohesin {

// A text file, whole or absent: bgzip (gzip in blocks, as indexes of VCF need it) if the name ends
// in ".vcf.gz", gzip if in ".gz" (without time or name in its header, so that the same text gives
// the same bytes), else plain. Every method throws Error naming the path.
class TextWriter {
 public:
  explicit TextWriter(const std::filesystem::path& path);
  ~TextWriter();
  TextWriter(const TextWriter&) = delete;
  TextWriter& operator=(const TextWriter&) = delete;

  void write(std::string_view text);
  // Without it nothing stays behind.
  void commit();

 private:
  class Sink;
  std::unique_ptr<Sink> sink_;
};

}  // namespace cohesin
