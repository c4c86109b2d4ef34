#include "cohesin/io/float16_file.h"

#include <cmath>
#include <limits>

#include "cohesin/base/error.h"
#include "cohesin/io/byte_source.h"

namespace cohesin {

float float_of_half(uint16_t bits) {
  constexpr int kFractionBits = 10, kBias = 15, kHighest = 31;
  const int exponent = (bits >> kFractionBits) & kHighest;
  const int fraction = bits & ((1 << kFractionBits) - 1);
  const float sign = (bits >> 15) != 0 ? -1.0F : 1.0F;
  if (exponent == kHighest)
    return fraction != 0 ? std::numeric_limits<float>::quiet_NaN()
                         : sign * std::numeric_limits<float>::infinity();
  const int whole = exponent == 0 ? fraction : fraction + (1 << kFractionBits);
  const int power = (exponent == 0 ? 1 : exponent) - kBias - kFractionBits;
  return sign * std::ldexp(static_cast<float>(whole), power);
}

std::vector<float> read_float16_file(const std::filesystem::path& path) {
  ByteSource source(path);
  std::vector<char> buffer(size_t{1} << 20);
  std::vector<float> values;
  uint64_t num_bytes = 0;
  uint16_t low = 0;  // of a number whose second byte is still to come
  while (const size_t count = source.read(buffer.data(), buffer.size())) {
    for (size_t i = 0; i < count; ++i) {
      const auto byte = static_cast<uint16_t>(static_cast<unsigned char>(buffer[i]));
      if (num_bytes++ % 2 == 0)
        low = byte;
      else
        values.push_back(float_of_half(static_cast<uint16_t>(byte << 8 | low)));
    }
  }
  if (num_bytes % 2 != 0)
    throw Error("{}: {} bytes are no 16-bit numbers; is the file cut?", path.string(), num_bytes);
  return values;
}

}  // namespace cohesin
