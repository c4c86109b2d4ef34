// Any bytes are either a safetensors file, whose every tensor can then be read, or an Error.
#include <cstddef>
#include <cstdint>
#include <span>

#include "cohesin/base/error.h"
#include "cohesin/io/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto file = cohesin::SafetensorsFile::parse(std::as_bytes(std::span(data, size)), "fuzz");
    size_t covered = 0;
    for (const auto& name : file.names()) {
      const auto bytes = file.at(name).data;
      volatile unsigned sum = 0;
      for (const std::byte byte : bytes) sum = sum + std::to_integer<unsigned>(byte);
      covered += bytes.size();
    }
    if (covered > size) __builtin_trap();
  } catch (const cohesin::Error&) {
  }
  return 0;
}
