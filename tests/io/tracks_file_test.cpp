#include "cohesin/io/tracks_file.h"

#include <gmock/gmock.h>

#include "cohesin/base/file.h"
#include "cohesin/io/hdf5.h"
#include "tests/testing.h"
#include "tests/track_set_fixture.h"

namespace cohesin {
namespace {

using testing::small_track_set;
using testing::TempFolder;

TEST(TracksFile, GivesBackWhatWasWritten) {
  const TempFolder folder;
  const TrackSet set = small_track_set();
  write_tracks(set, folder / "t.h5");
  EXPECT_TRUE(is_tracks_file(folder / "t.h5"));
  const TrackSet read = read_tracks(folder / "t.h5");
  EXPECT_EQ(read.chrom, set.chrom);
  EXPECT_EQ(read.start, set.start);
  EXPECT_EQ(read.end, set.end);
  EXPECT_EQ(read.split, set.split);
  EXPECT_EQ(read.letters, set.letters);
  EXPECT_EQ(read.tracks, set.tracks);
  EXPECT_EQ(read.descriptions, set.descriptions);
  EXPECT_EQ(read.strand_pair, set.strand_pair);
  EXPECT_EQ(read.bin_size, 8);
  EXPECT_EQ(read.num_bins, 4);
  EXPECT_EQ(read.targets, set.targets);
}

TEST(TracksFile, TheSameSetGivesTheSameBytes) {
  const TempFolder folder;
  write_tracks(small_track_set(), folder / "a.h5");
  write_tracks(small_track_set(), folder / "b.h5");
  EXPECT_EQ(read_text(folder / "a.h5"), read_text(folder / "b.h5"));
}

TEST(TracksFile, WhatIsWrongIsNeverWritten) {
  const TempFolder folder;
  TrackSet set = small_track_set();
  set.targets[0] = -1;
  EXPECT_ERROR(write_tracks(set, folder / "t.h5"), "the value is -1");
  EXPECT_FALSE(std::filesystem::exists(folder / "t.h5"));
}

TEST(TracksFile, BrokenFilesAreRefused) {
  const TempFolder folder;
  EXPECT_FALSE(is_tracks_file(folder.write("x.h5", "no HDF5")));
  EXPECT_ERROR(read_tracks(folder / "x.h5"), "x.h5");
  write_tracks(small_track_set(), folder / "t.h5");
  const std::string bytes = read_text(folder / "t.h5");
  folder.write("cut.h5", bytes.substr(0, bytes.size() / 2));
  EXPECT_ERROR(read_tracks(folder / "cut.h5"), "cut.h5");
  {
    Hdf5File file = Hdf5File::create(folder / "less.h5", "less.h5");
    file.root().write_texts("tracks", {"a"});
    file.close();
  }
  EXPECT_FALSE(is_tracks_file(folder / "less.h5"));
  EXPECT_ERROR(read_tracks(folder / "less.h5"), "chrom");
}

}  // namespace
}  // namespace cohesin
