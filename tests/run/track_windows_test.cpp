#include "cohesin/run/track_windows.h"

#include <gmock/gmock.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;

EnformerConfig published() {
  EnformerConfig config;
  config.use_tf_gamma = true;
  config.resolve();
  return config;
}

TEST(TrackGeometry, ThePublishedWindowHas896BinsOf128Bases) {
  const TrackGeometry geometry = track_geometry(published(), 0);
  EXPECT_EQ(geometry.window, 196608);
  EXPECT_EQ(geometry.bin, 128);
  EXPECT_EQ(geometry.cropped, 320);
  EXPECT_EQ(geometry.bins, 896);
}

TEST(TrackGeometry, AnOddDifferenceLosesOneMoreBin) {
  EnformerConfig config = published();
  config.use_tf_gamma = false;
  config.gamma = "position_axis";
  const TrackGeometry geometry = track_geometry(config, 901 * 128);
  EXPECT_EQ(geometry.cropped, 3);
  EXPECT_EQ(geometry.bins, 895);
}

TEST(TrackGeometry, WindowsThatGiveNoBinsAreRefused) {
  EnformerConfig config = published();
  EXPECT_ERROR(track_geometry(config, 131072), "for 196608 bases alone");
  config.use_tf_gamma = false;
  config.gamma = "feature_axis";
  EXPECT_ERROR(track_geometry(config, 1000), "multiple of the 128 bases");
  EXPECT_ERROR(track_geometry(config, 895 * 128), "at least 114688 bases");
  config.target_length = -1;
  EXPECT_ERROR(track_geometry(config, 0), "pass --window");
  EXPECT_EQ(track_geometry(config, 1280).bins, 10);
}

// Windows of 12 bins of 8 bases, of which 2 go at each end: 8 bins, 64 bases are predicted.
constexpr TrackGeometry kSmall{96, 8, 2, 8};

TEST(TrackWindows, TheMiddleOfTheRegionIsTheMiddleOfTheWindow) {
  const Genome::Stretch sequence{0, std::string(1000, 'A')};
  const auto windows = cover_with_windows(kSmall, 500, 501, sequence, false);
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows[0].start, 500 - 48);
  EXPECT_EQ(windows[0].first, 4);
  EXPECT_EQ(windows[0].count, 1);
  EXPECT_EQ(bin_start(kSmall, windows[0], 4), 500);
  EXPECT_EQ(bin_start(kSmall, windows[0], 0), 500 - 32);
  // Bases 495 to 509: the middle is 502, and the bins that begin at 494, 502 overlap.
  const auto wider = cover_with_windows(kSmall, 495, 509, sequence, false);
  EXPECT_EQ(bin_start(kSmall, wider[0], wider[0].first), 494);
  EXPECT_EQ(wider[0].count, 2);
}

TEST(TrackWindows, LongRegionsHaveWindowsSideBySide) {
  const Genome::Stretch sequence{0, std::string(1000, 'A')};
  const auto windows = cover_with_windows(kSmall, 400, 530, sequence, false);  // 130 bases
  ASSERT_EQ(windows.size(), 3U);
  int64_t next = bin_start(kSmall, windows[0], windows[0].first);
  EXPECT_LE(next, 400);
  EXPECT_GT(next + 8, 400);
  for (const auto& window : windows) {
    EXPECT_EQ(bin_start(kSmall, window, window.first), next);
    next += window.count * 8;
  }
  EXPECT_GE(next, 530);
  EXPECT_LT(next - 8, 530);
  // As many bases as a window predicts need but one.
  EXPECT_EQ(cover_with_windows(kSmall, 400, 464, sequence, false).size(), 1U);
  EXPECT_EQ(cover_with_windows(kSmall, 401, 464, sequence, false).size(), 1U);
}

TEST(TrackWindows, AllBinsAreThoseThatOverlapTheSequence) {
  const Genome::Stretch sequence{100, std::string(50, 'A')};                  // 100 to 150
  const auto windows = cover_with_windows(kSmall, 120, 121, sequence, true);  // bins 88 to 152
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows[0].first, 1);  // 96 to 104
  EXPECT_EQ(windows[0].count, 7);  // up to 144 to 152
}

TEST(TrackWindows, BeyondTheSequenceIsPadding) {
  EXPECT_THAT(window_indices({10, "ACGTN"}, 8, 9), ElementsAre(-1, -1, 0, 1, 2, 3, 4, -1, -1));
  EXPECT_THAT(window_indices({10, "ACGTN"}, 11, 2), ElementsAre(1, 2));
  EXPECT_THAT(window_indices({10, "ACGTN"}, 20, 2), ElementsAre(-1, -1));
}

}  // namespace
}  // namespace cohesin
