#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace cohesin {

// NumPy's .npy, format version 1.0: a float32 array of this shape, row-major. Written whole or not
// at all.
// The bytes before the numbers of such a file, for writing them in parts.
std::string npy_header(const std::vector<int64_t>& shape);

void write_npy(const std::filesystem::path& path, std::span<const float> values,
               const std::vector<int64_t>& shape);

}  // namespace cohesin
