#include "cohesin/io/npz.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "cohesin/base/file.h"
#include "cohesin/io/npy.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

uint32_t number(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

TEST(Npz, IsAZipArchiveWithOneStoredMember) {
  const testing::TempFolder folder;
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  NpzWriter writer(folder / "a.npz", {2, 3});
  writer.write({values.data(), 2});
  writer.write({values.data() + 2, 4});
  EXPECT_FALSE(std::filesystem::exists(folder / "a.npz"));
  writer.commit();
  const std::string bytes = read_text(folder / "a.npz");
  const std::string member =
      npy_header({2, 3}) + std::string(reinterpret_cast<const char*>(values.data()), 24);
  const size_t local = 30 + 9, directory = local + member.size(), end = directory + 46 + 9;
  ASSERT_EQ(bytes.size(), end + 22);
  EXPECT_EQ(bytes.substr(0, 4), "PK\x03\x04");
  EXPECT_EQ(bytes.substr(30, 9), "arr_0.npy");
  EXPECT_EQ(bytes.substr(local, member.size()), member);
  EXPECT_EQ(number(bytes, 18), member.size());
  EXPECT_EQ(number(bytes, 22), member.size());
  EXPECT_EQ(bytes.substr(directory, 4), "PK\x01\x02");
  EXPECT_EQ(bytes.substr(directory + 6, 26), bytes.substr(4, 26));  // the same entry
  EXPECT_EQ(bytes.substr(directory + 46, 9), "arr_0.npy");
  EXPECT_EQ(bytes.substr(end, 4), "PK\x05\x06");
  EXPECT_EQ(number(bytes, end + 12), 46U + 9U);
  EXPECT_EQ(number(bytes, end + 16), directory);
}

TEST(Npz, IsReadByNumpy) {
  if (std::system("python3 -c 'import numpy' 2>/dev/null") != 0)
    GTEST_SKIP() << "python3 has no numpy";
  const testing::TempFolder folder;
  const std::vector<float> values{1, 2, 3, 4, 5, 6, 7, 8};
  NpzWriter writer(folder / "a.npz", {1, 4, 2});
  writer.write(values);
  writer.commit();
  folder.write("check.py",
               "import sys, numpy\n"
               "a = numpy.load(sys.argv[1])\n"
               "assert a.files == ['arr_0'], a.files\n"
               "a = a['arr_0']\n"
               "assert a.dtype == numpy.float32 and a.shape == (1, 4, 2), a\n"
               "assert (a.ravel() == numpy.arange(1, 9)).all(), a\n");
  const std::string command =
      "python3 '" + (folder / "check.py").string() + "' '" + (folder / "a.npz").string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST(Npz, RefusesWhatAZipArchiveCannotHold) {
  const testing::TempFolder folder;
  EXPECT_ERROR(NpzWriter(folder / "a.npz", {1 << 15, 1 << 15}), "less than 4 GiB");
  EXPECT_FALSE(std::filesystem::exists(folder / "a.npz"));
}

}  // namespace
}  // namespace cohesin
