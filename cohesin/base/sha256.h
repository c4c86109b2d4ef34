#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace cohesin {

// SHA-256 (FIPS 180-4) of data that comes in pieces.
class Sha256 {
 public:
  void update(std::string_view bytes);
  // 64 lower-case hexadecimal digits. Ends the use of this object.
  std::string finish();

 private:
  void add_block(const unsigned char* block);

  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> pending_{};
  size_t num_pending_ = 0;
  uint64_t num_bytes_ = 0;
};

std::string sha256(std::string_view bytes);

// Of a whole file, read in pieces. Throws Error that names the path.
std::string sha256_file(const std::filesystem::path& path);

}  // namespace cohesin
