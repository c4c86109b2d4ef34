#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace cohesin {

// The number that these 16 bits are (IEEE 754 binary16).
float float_of_half(uint16_t bits);

// A file of nothing but little-endian 16-bit floating point numbers, plain or gzip. Throws Error
// for an odd number of bytes, and for gzip that is truncated or damaged.
std::vector<float> read_float16_file(const std::filesystem::path& path);

}  // namespace cohesin
