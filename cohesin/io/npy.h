#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace cohesin {

// NumPy's .npy, format version 1.0: a float32 matrix [num_rows, num_columns], row-major. Written
// whole or not at all.
void write_npy(const std::filesystem::path& path, std::span<const float> values, uint64_t num_rows,
               uint64_t num_columns);

}  // namespace cohesin
