#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace cohesin {

// NumPy's .npy, format version 1.0: a float32 array of this shape, row-major. Written whole or not
// at all.
void write_npy(const std::filesystem::path& path, std::span<const float> values,
               const std::vector<int64_t>& shape);

}  // namespace cohesin
