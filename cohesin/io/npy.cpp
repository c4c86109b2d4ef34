#include "cohesin/io/npy.h"

#include <bit>
#include <cassert>
#include <fstream>
#include <functional>
#include <numeric>
#include <string>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"

namespace cohesin {

std::string npy_header(const std::vector<int64_t>& shape) {
  static_assert(std::endian::native == std::endian::little);
  std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}{}), }}",
                                   fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  constexpr size_t kPreambleBytes = 10, kAlignment = 64;  // the data start at a multiple of 64
  const size_t padded =
      (kPreambleBytes + header.size() + 1 + kAlignment - 1) / kAlignment * kAlignment;
  header.resize(padded - kPreambleBytes - 1, ' ');
  header += '\n';
  std::string preamble("\x93NUMPY\x01\x00", 8);
  preamble += static_cast<char>(header.size() & 0xff);
  preamble += static_cast<char>(header.size() >> 8);
  return preamble + header;
}

void write_npy(const std::filesystem::path& path, std::span<const float> values,
               const std::vector<int64_t>& shape) {
  assert(!shape.empty() &&
         values.size() == static_cast<size_t>(std::accumulate(
                              shape.begin(), shape.end(), int64_t{1}, std::multiplies<int64_t>())));
  AtomicFile pending(path);
  std::ofstream stream(pending.temporary(), std::ios::binary);
  stream << npy_header(shape);
  stream.write(reinterpret_cast<const char*>(values.data()),
               static_cast<std::streamsize>(values.size_bytes()));
  stream.close();
  if (!stream) throw Error("{}: cannot be written; is the disk full?", path.string());
  pending.commit();
}

}  // namespace cohesin
