#include "cohesin/io/dtype.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cohesin {
namespace {

struct DtypeRow {
  Dtype dtype;
  const char* name;
  size_t size;
};
constexpr std::array<DtypeRow, 16> kDtypes{{{Dtype::kF64, "F64", 8},
                                            {Dtype::kF32, "F32", 4},
                                            {Dtype::kF16, "F16", 2},
                                            {Dtype::kBF16, "BF16", 2},
                                            {Dtype::kI64, "I64", 8},
                                            {Dtype::kI32, "I32", 4},
                                            {Dtype::kI16, "I16", 2},
                                            {Dtype::kI8, "I8", 1},
                                            {Dtype::kU64, "U64", 8},
                                            {Dtype::kU32, "U32", 4},
                                            {Dtype::kU16, "U16", 2},
                                            {Dtype::kU8, "U8", 1},
                                            {Dtype::kBool, "BOOL", 1},
                                            {Dtype::kF8E4M3, "F8_E4M3", 1},
                                            {Dtype::kF8E5M2, "F8_E5M2", 1},
                                            {Dtype::kF8E8M0, "F8_E8M0", 1}}};

const DtypeRow& dtype_row(Dtype dtype) { return kDtypes.at(static_cast<size_t>(dtype)); }

}  // namespace

std::string dtype_name(Dtype dtype) { return dtype_row(dtype).name; }
size_t dtype_size(Dtype dtype) { return dtype_row(dtype).size; }

std::optional<Dtype> find_dtype(const std::string& name) {
  for (const auto& row : kDtypes)
    if (name == row.name) return row.dtype;
  return std::nullopt;
}

std::optional<uint64_t> tensor_bytes(Dtype dtype, const std::vector<int64_t>& shape) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  uint64_t bytes = dtype_row(dtype).size;
  for (const int64_t extent : shape)
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes)) return std::nullopt;
  return bytes;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

}  // namespace cohesin
