#include "cohesin/io/float16_file.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/gzip.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using testing::TempFolder;

TEST(Float16File, KnownBitsAreTheirNumbers) {
  EXPECT_EQ(float_of_half(0x0000), 0.0F);
  EXPECT_EQ(float_of_half(0x3c00), 1.0F);
  EXPECT_EQ(float_of_half(0xc000), -2.0F);
  EXPECT_EQ(float_of_half(0x7bff), 65504.0F);
  EXPECT_EQ(float_of_half(0x0001), std::ldexp(1.0F, -24));  // the smallest
  EXPECT_EQ(float_of_half(0x03ff), std::ldexp(1023.0F, -24));
  EXPECT_EQ(float_of_half(0x3555), 0.333251953125F);
  EXPECT_EQ(float_of_half(0x7c00), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(float_of_half(0x7e00)));
}

TEST(Float16File, PlainAndGzipAreOne) {
  const TempFolder folder;
  const std::string bytes("\x00\x3c\x00\xc0\x55\x35", 6);
  EXPECT_THAT(read_float16_file(folder.write("a.f16", bytes)), ElementsAre(1, -2, 0.333251953125F));
  EXPECT_THAT(read_float16_file(folder.write("a.gz", testing::gzip(bytes))),
              ElementsAre(1, -2, 0.333251953125F));
}

TEST(Float16File, CutFilesAreRefused) {
  const TempFolder folder;
  EXPECT_ERROR(read_float16_file(folder.write("a.f16", "abc")), "3 bytes are no 16-bit numbers");
  const std::string whole = testing::gzip(std::string(1000, 'a'));
  EXPECT_ERROR(read_float16_file(folder.write("a.gz", whole.substr(0, whole.size() - 12))),
               "truncated gzip");
  EXPECT_ERROR(read_float16_file(folder / "absent"), "cannot open");
}

}  // namespace
}  // namespace cohesin
