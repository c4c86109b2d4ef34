#include "cohesin/data/track_dataset.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <set>

#include "tests/testing.h"
#include "tests/track_set_fixture.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using testing::small_track_set;

// Windows of 40 bases with 4 bins of 8 from base 4; the model sees 24 bases and predicts one
// of them from the second bin on, or as the shape says.
TrackDataset dataset(const CutShape& shape = {24, 1, 1}) {
  return {std::make_shared<TrackSet>(small_track_set()), shape};
}

std::vector<int64_t> row(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.contiguous().view(-1);
  return {flat.const_data_ptr<int64_t>(), flat.const_data_ptr<int64_t>() + flat.numel()};
}
std::vector<float> numbers(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.contiguous().view(-1);
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

TEST(TrackDataset, APieceIsItsBinsWithTheLettersAround) {
  const Batch batch = dataset().batch({{0, 1}});
  // Bin 1 begins at base 12, thus the letters at 4: ACGT again and again.
  EXPECT_THAT(row(batch.at("indices").narrow(1, 0, 6)), ElementsAre(0, 1, 2, 3, 0, 1));
  EXPECT_EQ(batch.at("indices").size(1), 24);
  EXPECT_THAT(numbers(batch.at("targets")), ElementsAre(1.5F, 2.0F, 2.5F));
}

TEST(TrackDataset, BeyondTheWindowIsPadding) {
  const Batch batch = dataset().batch({{0, 0}, {0, 3}});
  // Bin 0 begins at base 4, the letters 4 before the window; bin 3 ends at 36, the letters at 44.
  EXPECT_THAT(row(batch.at("indices")[0].narrow(0, 0, 6)), ElementsAre(-1, -1, -1, -1, 0, 1));
  EXPECT_THAT(row(batch.at("indices")[1].narrow(0, 18, 6)), ElementsAre(2, 4, -1, -1, -1, -1));
}

TEST(TrackDataset, TheOtherStrandTurnsLettersBinsAndPairsOfTracks) {
  const TrackDataset two = dataset({24, 0, 2});
  const Batch forward = two.batch({{0, 1}}), turned = two.batch({{0, 1, 0, true}});
  const at::Tensor expected = 3 - forward.at("indices").flip(1);
  EXPECT_TRUE(at::equal(turned.at("indices"), expected));
  EXPECT_THAT(numbers(forward.at("targets")), ElementsAre(1.5F, 2.0F, 2.5F, 3.0F, 3.5F, 4.0F));
  EXPECT_THAT(numbers(turned.at("targets")), ElementsAre(3.5F, 3.0F, 4.0F, 2.0F, 1.5F, 2.5F));
}

TEST(TrackDataset, AShiftMovesTheLettersAlone) {
  const Batch still = dataset().batch({{0, 1}}), moved = dataset().batch({{0, 1, 2}});
  EXPECT_TRUE(
      at::equal(moved.at("indices").narrow(1, 0, 22), still.at("indices").narrow(1, 2, 22)));
  EXPECT_TRUE(at::equal(moved.at("targets"), still.at("targets")));
}

TEST(TrackDataset, PiecesSideBySideHaveEveryBin) {
  const auto first_bins = [](int64_t num_bins) {
    std::vector<int64_t> bins;
    for (const TrackCut& cut : dataset({32, 0, num_bins}).cover(0)) bins.push_back(cut.first_bin);
    return bins;
  };
  EXPECT_THAT(first_bins(2), ElementsAre(0, 2));
  EXPECT_THAT(first_bins(3), ElementsAre(0, 1));
  EXPECT_THAT(first_bins(4), ElementsAre(0));
  EXPECT_ERROR(dataset({48, 0, 6}),
               "predicts 6 bins at a time, but the windows of the data have 4");
}

TEST(TrackDataset, WhatIsDrawnHangsOnItsAddressAlone) {
  const TrackDataset pieces = dataset();
  const auto address = [&](uint64_t seed, uint64_t epoch, int64_t number) {
    const TrackCut cut = pieces.draw(0, number, {3, true}, seed, epoch);
    return std::tuple(cut.first_bin, cut.shift_bp, cut.reverse);
  };
  std::set<std::tuple<int64_t, int64_t, bool>> seen;
  for (uint64_t epoch = 0; epoch < 200; ++epoch) {
    EXPECT_EQ(address(1, epoch, 0), address(1, epoch, 0));
    const auto [bin, shift, reverse] = address(1, epoch, 0);
    EXPECT_TRUE(bin >= 0 && bin < 4 && shift >= -3 && shift <= 3);
    seen.insert({bin, shift, reverse});
  }
  EXPECT_GT(seen.size(), 40U);  // of 4 x 7 x 2
  for (uint64_t epoch = 0; epoch < 50; ++epoch) {
    const TrackCut plain = pieces.draw(0, 0, {0, false}, 1, epoch);
    EXPECT_EQ(plain.shift_bp, 0);
    EXPECT_FALSE(plain.reverse);
  }
}

}  // namespace
}  // namespace cohesin
