#include "cohesin/omics/track_set.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/testing.h"
#include "tests/track_set_fixture.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using testing::small_track_set;

TEST(TrackSet, BinsLieInTheMiddle) {
  const TrackSet set = small_track_set();
  check_tracks(set, "x");
  EXPECT_EQ(set.first_bin_bp(), 4);
  EXPECT_EQ(set.window_name(0), "chr1:100-140");
  EXPECT_EQ(set.values(1)[0], 6.0F);
  EXPECT_THAT(set.windows_of("valid"), ElementsAre(1U));
}

TEST(TrackSet, GroupsAreTheAssaysOfTheDescriptions) {
  EXPECT_EQ(track_group("DNASE:GM12865"), "DNASE");
  EXPECT_EQ(track_group("plain"), "plain");
}

TEST(TrackSet, WhatDoesNotFitIsRefusedWithItsPlace) {
  const auto broken = [](const auto& change) {
    TrackSet set = small_track_set();
    change(set);
    return set;
  };
  EXPECT_ERROR(check_tracks(broken([](auto& s) { s.targets[19] = -1; }), "f"),
               "f: window chr2:0-40, bin 2, track 'cage-': the value is -1");
  EXPECT_ERROR(
      check_tracks(broken([](auto& s) { s.targets[3] = std::numeric_limits<float>::quiet_NaN(); }),
                   "f"),
      "chr1:100-140, bin 1, track 'cage+': the value is nan");
  EXPECT_ERROR(check_tracks(broken([](auto& s) { s.targets.pop_back(); }), "f"), "23 values");
  EXPECT_ERROR(check_tracks(broken([](auto& s) { s.letters[1][3] = 'x'; }), "f"),
               "window chr2:0-40: letter 4 is 'x'");
  EXPECT_ERROR(check_tracks(broken([](auto& s) { s.end[1] = 41; }), "f"), "equally long");
  EXPECT_ERROR(check_tracks(broken([](auto& s) { s.split[0] = "tset"; }), "f"), "'tset'");
  EXPECT_ERROR(check_tracks(broken([](auto& s) {
                              s.strand_pair = {1, 2, 0};
                            }),
                            "f"),
               "track 0 ('cage+') has the strand pair 1");
  EXPECT_ERROR(check_tracks(broken([](auto& s) { s.tracks[2] = "cage+"; }), "f"),
               "two tracks are named 'cage+'");
  EXPECT_ERROR(check_tracks(broken([](auto& s) { s.num_bins = 6; }), "f"), "in the middle");
  EXPECT_ERROR(check_tracks(broken([](auto& s) {
                              s.chrom[1] = "chr1";
                              s.start[1] = 100;
                              s.end[1] = 140;
                            }),
                            "f"),
               "chr1:100-140 occurs twice");
}

TEST(TrackSet, OverlapsOfWindowsInDifferentSplitsAreCounted) {
  TrackSet set = small_track_set();
  EXPECT_EQ(overlaps_between_splits(set).count, 0);
  set.chrom[1] = "chr1";
  set.start[1] = 139;
  set.end[1] = 179;
  const WindowOverlaps overlaps = overlaps_between_splits(set);
  EXPECT_EQ(overlaps.count, 1);
  EXPECT_EQ(overlaps.first, "chr1:100-140 (train) and chr1:139-179 (valid)");
}

}  // namespace
}  // namespace cohesin
