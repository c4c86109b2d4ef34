#include "cohesin/run/track_model.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/nn/layers.h"
#include "cohesin/run/foreign_model.h"
#include "cohesin/run/track_names.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {

TrackModel::TrackModel(const std::filesystem::path& checkpoint, const std::filesystem::path& base,
                       const std::string& head, const std::string& precision)
    : loaded_(load_track_checkpoint(checkpoint, base, head)) {
  for (auto& parameter : loaded_.model->parameters()) parameter.set_requires_grad(false);
  if (precision == "bf16") use_bfloat16_products(*loaded_.model);
}

TrackGeometry TrackModel::geometry(int64_t window) const {
  return track_geometry(config(), window != 0 ? window : loaded_.tracks.window_bp);
}

Frame TrackModel::track_names(const std::filesystem::path& file) const {
  if (file.empty() && !loaded_.tracks.table.empty()) return parse_track_names(loaded_.tracks.table);
  return cohesin::track_names(file, head(), num_tracks());
}

at::Tensor TrackModel::turn_back(const at::Tensor& tracks) const {
  const at::Tensor turned = tracks.flip(-2);
  if (loaded_.tracks.strand_pair.empty()) return turned;
  return turned.index_select(-1, at::tensor(loaded_.tracks.strand_pair, at::kLong));
}

at::Tensor TrackModel::predict(const std::vector<int8_t>& indices, bool average) const {
  const at::Tensor tracks = tracks_of_towers(tower(one_hot(indices)).unsqueeze(0))[0];
  if (!average) return tracks;
  const at::Tensor other =
      tracks_of_towers(tower(one_hot(reverse_complement(indices))).unsqueeze(0))[0];
  return (tracks + turn_back(other)) / 2;
}

at::Tensor TrackModel::one_hot(const std::vector<int8_t>& indices) const {
  Batch batch;
  batch.tensors["indices"] =
      at::tensor(std::vector<int64_t>(indices.begin(), indices.end()), at::kLong).unsqueeze(0);
  return loaded_.model->one_hot(batch)[0];
}

at::Tensor TrackModel::tower(const at::Tensor& one_hot_L4) const {
  return loaded_.model->tower(one_hot_L4.unsqueeze(0))[0];
}

at::Tensor TrackModel::tracks_of_towers(const at::Tensor& x_BLD) const {
  return loaded_.model->head_from_tower(x_BLD, head());
}

at::Tensor TrackModel::tower_of_piece(const at::Tensor& letters_BP4,
                                      const TowerPiece& piece) const {
  const int64_t skipped = piece.first - piece.from / config().bases_of_a_position();
  return loaded_.model->tower(letters_BP4).narrow(1, skipped, piece.count);
}

at::Tensor TrackModel::towers_with_piece(const at::Tensor& before_LD, const at::Tensor& letters_BP4,
                                         const TowerPiece& piece) const {
  at::Tensor after_BLD = before_LD.unsqueeze(0).repeat({letters_BP4.size(0), 1, 1});
  after_BLD.narrow(1, piece.first, piece.count).copy_(tower_of_piece(letters_BP4, piece));
  return after_BLD;
}

at::Tensor TrackModel::tower_after_change(const at::Tensor& before_LD, const at::Tensor& letters_L4,
                                          int64_t begin, int64_t end) const {
  const TowerPiece piece = tower_piece(config(), letters_L4.size(0), begin, end);
  const at::Tensor letters_1P4 =
      letters_L4.narrow(0, piece.from, piece.to - piece.from).unsqueeze(0);
  return towers_with_piece(before_LD, letters_1P4, piece)[0];
}

bool predicts_tracks(const std::filesystem::path& checkpoint) {
  const bool is_foreign = is_hugging_face_folder(checkpoint);
  const auto folder = is_foreign ? checkpoint : resolve_checkpoint(checkpoint);
  if (!std::filesystem::is_regular_file(folder / "config.json")) return false;
  const std::string text = read_text(folder / "config.json");
  const ModelEntry* entry = nullptr;
  if (is_foreign) {
    entry = recognise_model(text);
  } else {
    const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false, true);
    const nlohmann::json::json_pointer name("/model/name");
    if (json.is_object() && json.contains(name) && json[name].is_string())
      entry = &find_model(json[name].get<std::string>());
  }
  return entry != nullptr && dynamic_cast<EnformerConfig*>(entry->make_config().get()) != nullptr;
}

std::string track_weights_digest(const std::filesystem::path& checkpoint) {
  return is_hugging_face_folder(checkpoint) ? foreign_weights_digest(checkpoint)
                                            : weights_digest(resolve_checkpoint(checkpoint));
}

std::vector<int8_t> reverse_complement(const std::vector<int8_t>& indices) {
  std::vector<int8_t> turned(indices.rbegin(), indices.rend());
  // A and T, C and G change places; N and what lies beyond the sequence stay.
  for (int8_t& index : turned)
    if (index >= 0 && index < 4) index = static_cast<int8_t>(3 - index);
  return turned;
}

}  // namespace cohesin
