#include "cohesin/data/track_dataset.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"

namespace cohesin {
namespace {

constexpr std::string_view kBases = "ACGTN";

void reverse_complement(std::vector<int64_t>& indices) {
  std::reverse(indices.begin(), indices.end());
  for (int64_t& index : indices)
    if (index >= 0 && index < 4) index = 3 - index;
}

}  // namespace

TrackDataset::TrackDataset(std::shared_ptr<const TrackSet> set, CutShape shape)
    : set_(std::move(set)), shape_(shape) {
  if (set_->num_bins < shape_.num_bins)
    throw Error(
        "the model predicts {} bins at a time, but the windows of the data have {}; set "
        "model.target_length (or task.target_bins) to {} or less",
        shape_.num_bins, set_->num_bins, set_->num_bins);
}

std::vector<TrackCut> TrackDataset::cover(size_t window) const {
  std::vector<TrackCut> cuts;
  for (int64_t bin = 0; bin < set_->num_bins; bin += shape_.num_bins)
    cuts.push_back({window, std::min(bin, set_->num_bins - shape_.num_bins)});
  return cuts;
}

TrackCut TrackDataset::draw(size_t window, int64_t number, const CutSettings& settings,
                            uint64_t seed, uint64_t epoch) const {
  RandomStream random(seed, fmt::format("cut/{}/{}", set_->window_name(window), number), epoch);
  TrackCut cut{window};
  const auto places = static_cast<uint64_t>(set_->num_bins - shape_.num_bins + 1);
  cut.first_bin = static_cast<int64_t>(random.below(places));
  const auto shifts = static_cast<uint64_t>(2 * settings.shift_bp + 1);
  cut.shift_bp = static_cast<int64_t>(random.below(shifts)) - settings.shift_bp;
  const bool turned = random.below(2) == 1;
  cut.reverse = settings.reverse_complement && turned;
  return cut;
}

std::vector<int64_t> TrackDataset::indices(const TrackCut& cut) const {
  const std::string& letters = set_->letters[cut.window];
  const int64_t begin =
      set_->first_bin_bp() + (cut.first_bin - shape_.first_bin) * set_->bin_size + cut.shift_bp;
  std::vector<int64_t> indices(static_cast<size_t>(shape_.window_bp), -1);
  const int64_t from = std::max<int64_t>(begin, 0);
  const int64_t to = std::min(begin + shape_.window_bp, static_cast<int64_t>(letters.size()));
  for (int64_t base = from; base < to; ++base)
    indices[static_cast<size_t>(base - begin)] =
        static_cast<int64_t>(kBases.find(letters[static_cast<size_t>(base)]));
  if (cut.reverse) reverse_complement(indices);
  return indices;
}

Batch TrackDataset::batch(const std::vector<TrackCut>& cuts) const {
  const auto count = static_cast<int64_t>(cuts.size());
  const int64_t num_tracks = set_->num_tracks();
  at::Tensor indices_BL = at::empty({count, shape_.window_bp}, at::kLong);
  at::Tensor targets_BNT = at::empty({count, shape_.num_bins, num_tracks}, at::kFloat);
  const at::Tensor pairs_T = at::tensor(set_->strand_pair, at::kLong);
  for (int64_t i = 0; i < count; ++i) {
    const TrackCut& cut = cuts[static_cast<size_t>(i)];
    const std::vector<int64_t> letters = indices(cut);
    std::copy(letters.begin(), letters.end(), indices_BL[i].mutable_data_ptr<int64_t>());
    at::Tensor values_NT = targets_BNT[i];
    std::memcpy(values_NT.mutable_data_ptr<float>(),
                set_->values(cut.window) + cut.first_bin * num_tracks,
                static_cast<size_t>(values_NT.numel()) * sizeof(float));
    if (cut.reverse) values_NT.copy_(values_NT.flip(0).index_select(1, pairs_T));
  }
  return {{{"indices", indices_BL}, {"targets", targets_BNT}}};
}

}  // namespace cohesin
