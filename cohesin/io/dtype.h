#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cohesin {

// The element types of the safetensors format (huggingface.co/docs/safetensors). The 8-bit floats
// can be listed and copied; nothing here computes with them.
enum class Dtype {
  kF64,
  kF32,
  kF16,
  kBF16,
  kI64,
  kI32,
  kI16,
  kI8,
  kU64,
  kU32,
  kU16,
  kU8,
  kBool,
  kF8E4M3,
  kF8E5M2,
  kF8E8M0
};

std::string dtype_name(Dtype dtype);  // as in the file: "F32", "BOOL", "F8_E4M3"
size_t dtype_size(Dtype dtype);       // bytes an element
std::optional<Dtype> find_dtype(const std::string& name);

// Bytes of a tensor of this shape, or nothing when the number overflows. Extents must be >= 0.
std::optional<uint64_t> tensor_bytes(Dtype dtype, const std::vector<int64_t>& shape);

// "[2, 3]"
std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace cohesin
