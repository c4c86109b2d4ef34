#include "cohesin/tensor/tensor_file.h"

#include <ATen/ATen.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(TensorFile, KeepsNamesShapesDtypesAndBits) {
  const testing::TempFolder folder;
  const NamedTensors written = {
      {"a/~/b", at::randn({2, 3})},
      {"bool", at::randn({5}) > 0},
      {"double", at::randn({1, 2}, at::kDouble)},
      {"empty", at::zeros({0, 4})},
      {"half", at::randn({3}).to(at::kHalf)},
      {"ids", at::arange(6, at::kLong).view({2, 3})},
      {"scalar", at::full({}, 2.5)},
      {"transposed", at::randn({3, 2}).t()},
  };
  write_tensors(folder / "t.safetensors", written);
  const NamedTensors read = read_tensors(folder / "t.safetensors");
  ASSERT_EQ(read.size(), written.size());
  for (const auto& [name, tensor] : written) {
    EXPECT_EQ(read.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(at::equal(read.at(name), tensor)) << name;
  }
}

TEST(TensorFile, NamesATensorThatCannotBeComputedWith) {
  const testing::TempFolder folder;
  const std::string header = R"({"tiny":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}})";
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size());
  const auto path = folder.write("f8.safetensors", bytes + header + "xx");
  EXPECT_ERROR(read_tensors(path), "f8.safetensors: tensor 'tiny' has dtype F8_E4M3");
}

TEST(TensorFile, BatchNamesWhatIsThere) {
  const Batch batch{{{"tokens", at::zeros({1})}}};
  EXPECT_ERROR(batch.at("values"), "the batch has no tensor 'values'; it has: tokens");
}

}  // namespace
}  // namespace cohesin
