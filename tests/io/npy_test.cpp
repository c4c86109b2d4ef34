#include "cohesin/io/npy.h"

#include <cstring>
#include <sstream>
#include <vector>

#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(Npy, WritesTheHeaderThatNumpyReads) {
  const testing::TempFolder folder;
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  write_npy(folder / "e.npy", values, {2, 3});
  std::ostringstream content;
  content << std::ifstream(folder / "e.npy", std::ios::binary).rdbuf();
  const std::string bytes = content.str();
  ASSERT_EQ(bytes.size(), 128U + 24U);
  EXPECT_EQ(bytes.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  EXPECT_EQ(bytes.substr(10, 60), "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } ");
  EXPECT_EQ(bytes[127], '\n');
  EXPECT_EQ(std::memcmp(bytes.data() + 128, values.data(), 24), 0);
  EXPECT_ERROR(write_npy(folder / "no" / "e.npy", values, {2, 3}), "its folder exists");
}

}  // namespace
}  // namespace cohesin
