#include "cohesin/base/sha256.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

// The examples of FIPS 180-4 and its test vectors.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveTheSameAsTheWhole) {
  for (size_t length = 0; length < 200; ++length) {
    const std::string text(length, 'x');
    for (const size_t cut : {size_t{1}, size_t{63}, size_t{64}, size_t{65}}) {
      Sha256 hash;
      for (size_t at = 0; at < length; at += cut)
        hash.update(std::string_view(text).substr(at, cut));
      EXPECT_EQ(hash.finish(), sha256(text)) << length << " in pieces of " << cut;
    }
  }
}

TEST(Sha256File, ReadsWholeFiles) {
  const testing::TempFolder folder;
  const std::string text(3000000, 'a');
  EXPECT_EQ(sha256_file(folder.write("long", text)), sha256(text));
  EXPECT_EQ(sha256_file(folder.write("empty", "")), sha256(""));
}

TEST(Sha256File, ErrorNamesTheFile) {
  const testing::TempFolder folder;
  EXPECT_ERROR(sha256_file(folder / "absent"), "absent': No such file");
  EXPECT_ERROR(sha256_file(folder.path()), "Is a directory");
}

}  // namespace
}  // namespace cohesin
