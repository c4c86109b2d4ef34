#include "cohesin/base/file.h"

#include <unistd.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

size_t count_entries(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), {}));
}

TEST(ReadText, GivesBackWhatWasWritten) {
  const testing::TempFolder folder;
  const std::string text = std::string("a\0b\r\n", 5) + std::string(100000, 'x');
  write_text(folder / "file", text);
  EXPECT_EQ(read_text(folder / "file"), text);
  EXPECT_EQ(count_entries(folder.path()), 1U);
}

TEST(ReadText, ErrorNamesThePath) {
  const testing::TempFolder folder;
  EXPECT_ERROR(read_text(folder / "absent.json"), "absent.json': No such file or directory");
  EXPECT_ERROR(read_text(folder.path()), "Is a directory");
}

TEST(WriteText, ReplacesAFileAsAWhole) {
  const testing::TempFolder folder;
  write_text(folder / "file", "long first content");
  write_text(folder / "file", "new");
  EXPECT_EQ(read_text(folder / "file"), "new");
}

TEST(WriteText, FollowsALink) {
  const testing::TempFolder folder;
  write_text(folder / "target", "old");
  fs::create_symlink("target", folder / "link");
  write_text(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_text(folder / "target"), "new");
}

TEST(WriteText, LeavesDevicesInPlace) {
  write_text("/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(WriteText, FullDiskIsAnErrorThatSaysSo) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_ERROR(write_text("/dev/full", "x"), "the disk is full");
}

TEST(WriteText, ErrorNamesThePath) {
  const testing::TempFolder folder;
  EXPECT_ERROR(write_text(folder / "no/such/file", "x"), "no/such/file': No such file");
  EXPECT_ERROR(write_text(folder.path(), "x"), "Is a directory");
}

TEST(WriteText, MissingRightsAreAnErrorThatSaysSo) {
  const testing::TempFolder folder;
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_ERROR(write_text(folder / "file", "x"), "Permission denied; change the rights");
  EXPECT_ERROR(require_absent_or_force(folder / "file", false), "Permission denied");
  fs::permissions(folder.path(), fs::perms::owner_all);
}

TEST(AtomicFile, WithoutCommitNothingChanges) {
  const testing::TempFolder folder;
  folder.write("file", "old");
  {
    const AtomicFile file(folder / "file");
    std::ofstream(file.temporary()) << "half";
  }
  EXPECT_EQ(read_text(folder / "file"), "old");
  EXPECT_EQ(count_entries(folder.path()), 1U);
}

TEST(RequireAbsentOrForce, RefusesToReplace) {
  const testing::TempFolder folder;
  folder.write("file", "old");
  EXPECT_ERROR(require_absent_or_force(folder / "file", false),
               "file' exists; pass --force to replace it");
  EXPECT_ERROR(require_absent_or_force(folder.path(), false), "exists; pass --force");
  EXPECT_NO_THROW(require_absent_or_force(folder / "file", true));
  EXPECT_NO_THROW(require_absent_or_force(folder / "new/deeper", false));
  EXPECT_NO_THROW(require_absent_or_force("/dev/null", false));
  EXPECT_ERROR(require_absent_or_force(folder / "file/below", true), "Not a directory");
}

TEST(MakeFolder, MakesParentsAndNamesWhatStandsInTheWay) {
  const testing::TempFolder folder;
  make_folder(folder / "a/b/c");
  make_folder(folder / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
  folder.write("file", "");
  EXPECT_ERROR(make_folder(folder / "file/x"), "file/x': Not a directory");
}

}  // namespace
}  // namespace cohesin
