#include "cohesin/io/safetensors.h"

#include <sys/resource.h>

#include <array>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

// A file of this header text and `data_size` zero bytes, taken at its word.
std::string file_with(const std::string& header, size_t data_size) {
  std::string bytes;
  for (size_t i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return bytes + header + std::string(data_size, '\0');
}
std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}
SafetensorsFile parse(const std::string& bytes) {
  return SafetensorsFile::parse(std::as_bytes(std::span(bytes)), "w.safetensors");
}
std::string read_bytes(const std::filesystem::path& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

TEST(Safetensors, ReadsWhatItWrote) {
  const TempFolder folder;
  const std::vector<float> weight{1, 2, 3, 4, 5, 6};
  const std::vector<uint8_t> flags{1, 0, 1};
  const int64_t step = 7;
  const auto path = folder / "w.safetensors";
  write_safetensors(path,
                    {{"flags", Dtype::kBool, {3}, std::as_bytes(std::span(flags))},
                     {"weight", Dtype::kF32, {2, 3}, std::as_bytes(std::span(weight))},
                     {"none", Dtype::kBF16, {0, 4}, {}},
                     {"step", Dtype::kI64, {}, std::as_bytes(std::span(&step, 1))}},
                    {{"format", "pt"}});
  const auto file = SafetensorsFile::open(path);
  EXPECT_EQ(file.names(), (std::vector<std::string>{"flags", "none", "step", "weight"}));
  EXPECT_EQ(file.metadata().at("format"), "pt");
  EXPECT_EQ(file.at("weight").shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(file.at("weight").num_elements(), 6);
  EXPECT_EQ(std::memcmp(file.at("weight").data.data(), weight.data(), 24), 0);
  EXPECT_EQ(std::memcmp(file.at("step").data.data(), &step, 8), 0);
  EXPECT_EQ(file.at("step").num_elements(), 1);
  EXPECT_EQ(file.at("flags").dtype, Dtype::kBool);
  EXPECT_EQ(file.at("none").num_elements(), 0);
  EXPECT_ERROR(file.at("weigth"), "has no tensor 'weigth' (did you mean 'weight'?)");
}

TEST(Safetensors, ViewsOutliveTheFirstCopyOfTheFile) {
  const TempFolder folder;
  const float one = 1;
  write_safetensors(folder / "w", {{"x", Dtype::kF32, {}, std::as_bytes(std::span(&one, 1))}});
  std::vector<SafetensorsFile> copies;
  copies.push_back(SafetensorsFile::open(folder / "w"));
  const SafetensorsFile copy = copies.front();
  copies.clear();
  EXPECT_EQ(std::memcmp(copy.at("x").data.data(), &one, 4), 0);
}

TEST(Safetensors, SameTensorsInAnyOrderGiveTheSameAlignedBytes) {
  const TempFolder folder;
  const std::vector<std::byte> zeros(8);
  const std::span<const std::byte> bytes(zeros);
  const TensorToWrite a{"a", Dtype::kU8, {3}, bytes.first(3)},
      b{"b", Dtype::kF32, {1}, bytes.first(4)}, c{"c", Dtype::kI64, {1}, bytes};
  write_safetensors(folder / "1", {a, b, c});
  write_safetensors(folder / "2", {c, b, a});
  EXPECT_EQ(read_bytes(folder / "1"), read_bytes(folder / "2"));
  const auto file = SafetensorsFile::open(folder / "1");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(file.at("c").data.data()) % 8, 0U);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(file.at("b").data.data()) % 4, 0U);
}

TEST(Safetensors, WriterRefusesWhatItsReaderWould) {
  const TempFolder folder;
  const std::vector<std::byte> zeros(8);
  const std::span<const std::byte> bytes(zeros);
  EXPECT_ERROR(write_safetensors(folder / "w", {{"x", Dtype::kF32, {3}, bytes}}),
               "tensor 'x': 8 bytes given, but dtype F32 and shape [3] need 12");
  const TensorToWrite x{"x", Dtype::kF32, {2}, bytes};
  EXPECT_ERROR(write_safetensors(folder / "w", {x, x}), "tensor 'x': the name is given twice");
  EXPECT_ERROR(write_safetensors(folder / "missing" / "w", {x}), "its folder exists");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Safetensors, RefusedWriteIsAnErrorAndLeavesTheOldFile) {
  const TempFolder folder;
  const auto path = folder.write("w", "old");
  const std::vector<std::byte> zeros(1 << 20);
  std::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit then fails as on a full disk
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_ERROR(write_safetensors(path, {{"x", Dtype::kU8, {1 << 20}, zeros}}),
               "w: cannot be written; is the disk full?");
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(read_bytes(path), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Safetensors, EmptyTruncatedAndForeignFilesAreNamed) {
  const TempFolder folder;
  EXPECT_ERROR(SafetensorsFile::open(folder / "none"), "none: cannot be opened: No such file");
  EXPECT_ERROR(SafetensorsFile::open(folder.path()), "is not a regular file");
  EXPECT_ERROR(SafetensorsFile::open(folder.write("empty", "")), "empty: is empty");
  EXPECT_ERROR(parse("abc"), "w.safetensors: has 3 bytes");
  const std::string whole = file_with("{\"x\":" + tensor("F32", "[2]", "[0,8]") + "}", 8);
  EXPECT_NO_THROW(parse(whole));
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_THROW(parse(whole.substr(0, length)), Error) << length;
  EXPECT_ERROR(parse(whole.substr(0, 20)), "the file is truncated");
  EXPECT_ERROR(parse(whole.substr(0, whole.size() - 1)),
               "tensor 'x': data_offsets [0, 8] reach beyond the 7 bytes of data");
  EXPECT_ERROR(parse(whole + "junk"), "4 bytes after tensor 'x' belong to no tensor");
  EXPECT_ERROR(parse(std::string(8, '\xff') + "{}"), "more than the 100000000 allowed");
  EXPECT_ERROR(parse(file_with("[]", 0)), "does not start with '{'");
  EXPECT_ERROR(parse(file_with("", 0)), "does not start with '{'");
}

TEST(Safetensors, EveryLieInTheHeaderIsNamed) {
  const std::string good = tensor("F32", "[2]", "[0,8]");
  const std::vector<std::array<std::string, 2>> lies{
      {R"({"x":)", "the header is no valid JSON"},
      {R"({"x":)" + good + "}}", "the header is no valid JSON"},
      {"{\"x\xff\":" + good + "}", "the header is no valid JSON"},
      {R"({"x":)" + good + R"(,"x":)" + good + "}", "the header names 'x' twice"},
      {R"({"x":3})", "tensor 'x' is a number; expected an object"},
      {R"({"x":[3]})", "tensor 'x' is a list; expected an object"},
      {R"({"x":null})", "tensor 'x' is null"},
      {R"({"x":{"dtype":"F32","shape":[2]}})", "tensor 'x' has no data_offsets"},
      {R"({"x":{"shape":[2],"data_offsets":[0,8]}})", "tensor 'x' has no dtype"},
      {R"({"x":{"dtype":"F32","data_offsets":[0,8]}})", "tensor 'x' has no shape"},
      {R"({"x":{"dtype":"F32","dtype":"F32"}})", "tensor 'x': the header names 'dtype' twice"},
      {R"({"x":{"dtype":"F32","stride":[1]}})", "tensor 'x': unknown key 'stride'"},
      {R"({"x":{"dtype":4}})", "tensor 'x': 'dtype' holds a number; expected text"},
      {R"({"x":{"shape":"2"}})", "'shape' holds text; expected a list of integers >= 0"},
      {R"({"x":{"shape":{}}})", "'shape' holds an object"},
      {R"({"x":{"shape":[[2]]}})", "'shape' holds a list"},
      {R"({"x":{"shape":[2.0]}})", "'shape' holds the number 2.0"},
      {R"({"x":{"shape":[true]}})", "'shape' holds a boolean"},
      {R"({"x":)" + tensor("F32", "[-2]", "[0,8]") + "}", "'shape' holds the negative number -2"},
      {R"({"x":)" + tensor("F32", "[99999999999999999999]", "[0,8]") + "}", "'shape' holds"},
      {R"({"x":)" + tensor("F32", "[18446744073709551615]", "[0,8]") + "}", "is too large"},
      {R"({"x":)" + tensor("F32", "[4294967296,4294967296]", "[0,8]") + "}",
       "tensor 'x': the size of shape [4294967296, 4294967296] overflows"},
      {R"({"x":)" + tensor("F33", "[2]", "[0,8]") + "}", "tensor 'x': unknown dtype 'F33'"},
      {R"({"x":)" + tensor("F64", "[2]", "[0,8]") + "}",
       "tensor 'x': data_offsets hold 8 bytes, but dtype F64 and shape [2] need 16"},
      {R"({"x":)" + tensor("F32", "[2]", "[0]") + "}", "data_offsets has 1 numbers; expected 2"},
      {R"({"x":)" + tensor("F32", "[2]", "[8,0]") + "}", "data_offsets [8, 0] run backwards"},
      {R"({"x":)" + tensor("F32", "[2]", "[8,16]") + "}", "reach beyond the 8 bytes of data"},
      {R"({"x":)" + tensor("F32", "[1]", "[0,4]") + "}", "4 bytes after tensor 'x' belong to no"},
      {R"({"x":)" + tensor("F32", "[1]", "[4,8]") + "}",
       "4 bytes between the start of the data and tensor 'x' belong to no tensor"},
      {R"({"x":)" + good + R"(,"y":)" + tensor("F32", "[1]", "[4,8]") + "}",
       "tensor 'y' overlaps tensor 'x'"},
      {R"({"x":)" + good + R"(,"y":)" + good + "}", "tensor 'y' overlaps tensor 'x'"},
      {R"({"__metadata__":{"a":1},"x":)" + good + "}", "__metadata__: 'a' holds a number"},
      {R"({"__metadata__":{"a":"1","a":"2"},"x":)" + good + "}", "names 'a' twice"},
      {R"({"__metadata__":"a","x":)" + good + "}", "tensor '__metadata__' is text"},
      {std::string(R"({"x":{"shape":)") + std::string(1000000, '['), "'shape' holds a list"},
  };
  for (const auto& [header, message] : lies) EXPECT_ERROR(parse(file_with(header, 8)), message);
}

TEST(Safetensors, NoTensorsAndPaddedHeadersAreFine) {
  EXPECT_TRUE(parse(file_with("{}", 0)).names().empty());
  EXPECT_EQ(parse(file_with("{\"x\":" + tensor("U8", "[0]", "[0,0]") + "}     ", 0)).names().size(),
            1U);
}

}  // namespace
}  // namespace cohesin
