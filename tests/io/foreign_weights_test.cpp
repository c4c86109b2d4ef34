#include "cohesin/io/foreign_weights.h"

#include "cohesin/io/safetensors.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

TEST(ForeignWeights, APickleIsNamedWithTheCommandThatConvertsIt) {
  const TempFolder folder;
  const std::string rest(64, '\0');
  const std::string zip = "PK\x03\x04" + rest.substr(0, 26) + "pytorch_model/data.pkl" + rest;
  const auto path = folder.write("pytorch_model.bin", zip);
  EXPECT_ERROR(SafetensorsFile::open(path),
               "is a PyTorch file (a zip archive with a pickle inside)");
  EXPECT_ERROR(SafetensorsFile::open(path),
               "python3 tools/pickle_to_safetensors.py '" + path.string() + "' '" +
                   (folder / "pytorch_model.safetensors").string() + "'");
  for (const char protocol : {'\x02', '\x04', '\x05'}) {
    const std::string pickle = std::string("\x80") + protocol + "}q\x01." + rest;
    EXPECT_ERROR(SafetensorsFile::open(folder.write("old.pt", pickle)), "is a pickle");
    EXPECT_ERROR(SafetensorsFile::open(folder.write("old.pt", pickle)), "pickle_to_safetensors.py");
  }
}

TEST(ForeignWeights, OtherKindsOfFilesAreNamed) {
  const TempFolder folder;
  const std::string rest(64, 'x');
  const auto open = [&folder, &rest](const std::string& start) {
    return SafetensorsFile::open(folder.write("w.safetensors", start + rest));
  };
  EXPECT_ERROR(open("PK\x03\x04......w.npy"), "a numpy archive");
  EXPECT_ERROR(open("PK\x03\x04"), "is a zip archive");
  EXPECT_ERROR(open("\x89HDF\r\n\x1a\n"), "is HDF5");
  EXPECT_ERROR(open("GGUF"), "is GGUF");
  EXPECT_ERROR(open("\x1f\x8b"), "is compressed with gzip");
  EXPECT_ERROR(open("version https://git-lfs.github.com/spec/v1\noid"), "git lfs pull");
  EXPECT_ERROR(open("<!DOCTYPE html>"), "is a web page");
}

TEST(ForeignWeights, SafetensorsWhoseLengthLooksLikeAnotherFormatAreRead) {
  const TempFolder folder;
  std::string header = "{}";
  header.resize(0x280, ' ');  // its length begins with the bytes of a pickle, 80 02
  const std::string bytes = std::string("\x80\x02\0\0\0\0\0\0", 8) + header;
  EXPECT_TRUE(SafetensorsFile::open(folder.write("w.safetensors", bytes)).names().empty());
}

}  // namespace
}  // namespace cohesin
