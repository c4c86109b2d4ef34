#include "cohesin/io/sharded_safetensors.h"

#include <array>

#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

// A file with tensors of two floats.
void write_tensors(const std::filesystem::path& path, const std::vector<std::string>& names) {
  static const std::array<float, 2> kValues{1, 2};
  std::vector<TensorToWrite> tensors;
  for (const auto& name : names)
    tensors.push_back({name, Dtype::kF32, {2}, std::as_bytes(std::span(kValues))});
  write_safetensors(path, std::move(tensors));
}

class Folder : public TempFolder {
 public:
  // Two shards, a and b in the first, c in the second, with their index.
  Folder() {
    write_tensors(path() / "one.safetensors", {"a", "b"});
    write_tensors(path() / "two.safetensors", {"c"});
    index(R"("a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors")");
  }
  std::filesystem::path index(const std::string& map, const std::string& metadata = "{}") const {
    return write("model.safetensors.index.json",
                 R"({"metadata": )" + metadata + R"(, "weight_map": {)" + map + "}}");
  }
};

TEST(OpenWeightFiles, TakesAFileAnIndexOrAFolder) {
  const Folder folder;
  for (const auto& path : {folder.path(), folder / "model.safetensors.index.json"}) {
    const WeightFiles weights = open_weight_files(path);
    EXPECT_EQ(weights.files.size(), 2U);
    EXPECT_EQ(weights.file_of.size(), 3U);
    EXPECT_EQ(weights.paths[weights.file_of.at("c")], folder / "two.safetensors");
    EXPECT_EQ(weights.at("b").shape, (std::vector<int64_t>{2}));
    EXPECT_TRUE(weights.warnings.empty());
    EXPECT_ERROR(weights.at("d"), "has no tensor 'd'");
  }
  const WeightFiles one = open_weight_files(folder / "two.safetensors");
  EXPECT_EQ(one.file_of.size(), 1U);
  EXPECT_EQ(one.at("c").num_elements(), 2);
}

TEST(OpenWeightFiles, AFolderWithBothIsReadFromTheWholeFileAndSaysSo) {
  const Folder folder;
  write_tensors(folder / "model.safetensors", {"x"});
  const WeightFiles weights = open_weight_files(folder.path());
  EXPECT_EQ(weights.file_of.size(), 1U);
  ASSERT_EQ(weights.warnings.size(), 1U);
  EXPECT_NE(weights.warnings[0].find("the first is read"), std::string::npos);
}

TEST(OpenWeightFiles, IndexAndShardsMustAgree) {
  const Folder folder;
  const auto open = [&folder](const std::string& map) {
    return open_weight_files(folder.index(map));
  };
  EXPECT_ERROR(open(R"("a": "one.safetensors", "b": "three.safetensors")"),
               "the shard 'three.safetensors' is missing");
  EXPECT_ERROR(open(R"("a": "one.safetensors", "b": "one.safetensors", "z": "one.safetensors")"),
               "says that the tensor 'z' is in 'one.safetensors', but it is not");
  EXPECT_ERROR(open(R"("a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors",
                        "a": "two.safetensors")"),
               "model.safetensors.index.json: names 'a' twice");
  EXPECT_ERROR(
      open(R"("a": "one.safetensors")"),
      "one.safetensors: holds the tensor 'b', which the index model.safetensors.index.json "
      "does not name");
  EXPECT_ERROR(open(R"("a": "one.safetensors", "b": "two.safetensors", "c": "two.safetensors")"),
               "which the index model.safetensors.index.json says is in 'two.safetensors'");
  write_tensors(folder / "two.safetensors", {"b", "c"});
  EXPECT_ERROR(open(R"("a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors")"),
               "two.safetensors: holds the tensor 'b'");
}

TEST(OpenWeightFiles, AShardOutsideTheFolderIsRefused) {
  const Folder folder;
  for (const char* file :
       {"../one.safetensors", "sub/../../one.safetensors", "/etc/passwd", "", ".."})
    EXPECT_ERROR(open_weight_files(folder.index(fmt::format(R"("a": "{}")", file))),
                 "is not inside the index's folder");
}

TEST(OpenWeightFiles, AnotherTotalSizeIsAWarning) {
  const Folder folder;
  const std::string map =
      R"("a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors")";
  EXPECT_TRUE(open_weight_files(folder.index(map, R"({"total_size": 24})")).warnings.empty());
  const auto warnings = open_weight_files(folder.index(map, R"({"total_size": 25})")).warnings;
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("total_size is 25, but the tensors have 24 bytes"), std::string::npos);
}

TEST(OpenWeightFiles, WhatIsNoIndexIsAnError) {
  const TempFolder folder;
  const auto open = [&folder](const std::string& text) {
    return open_weight_files(folder.write("model.safetensors.index.json", text));
  };
  EXPECT_ERROR(open("{"), "is no valid JSON");
  EXPECT_ERROR(open("[]"), "has no object 'weight_map'");
  EXPECT_ERROR(open(R"({"weight_map": []})"), "has no object 'weight_map'");
  EXPECT_ERROR(open(R"({"weight_map": {}})"), "names no tensor");
  EXPECT_ERROR(open(R"({"weight_map": {"a": 1}})"), "'a' is no file name");
}

TEST(OpenWeightFiles, ABrokenOrForeignShardIsAnError) {
  const Folder folder;
  folder.write("two.safetensors", "");
  EXPECT_ERROR(open_weight_files(folder.path()), "two.safetensors: is empty");
  folder.write("two.safetensors", std::string("PK\x03\x04"
                                              "archive/data.pkl") +
                                      std::string(64, '\0'));
  EXPECT_ERROR(open_weight_files(folder.path()), "pickle_to_safetensors.py");
}

TEST(OpenWeightFiles, AFolderWithoutSafetensorsSaysWhatItHas) {
  const TempFolder folder;
  EXPECT_ERROR(open_weight_files(folder.path()), "has neither model.safetensors nor");
  folder.write("pytorch_model.bin", "PK");
  EXPECT_ERROR(open_weight_files(folder.path()), "python3 tools/pickle_to_safetensors.py '" +
                                                     (folder / "pytorch_model.bin").string() +
                                                     "' '" +
                                                     (folder / "model.safetensors").string() + "'");
  EXPECT_ERROR(open_weight_files(folder / "absent.safetensors"), "cannot be opened");
}

}  // namespace
}  // namespace cohesin
