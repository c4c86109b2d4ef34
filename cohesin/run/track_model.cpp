#include "cohesin/run/track_model.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/nn/layers.h"
#include "cohesin/run/foreign_model.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {

TrackModel::TrackModel(const std::filesystem::path& checkpoint, const std::filesystem::path& base,
                       const std::string& head, const std::string& precision)
    : checkpoint_(load_model_checkpoint(checkpoint, base)),
      model_(std::dynamic_pointer_cast<Enformer>(checkpoint_.model)) {
  if (!model_)
    throw Error("{}: a '{}' predicts no tracks; --regions needs an Enformer", checkpoint.string(),
                checkpoint_.entry->name);
  choose_head(head, checkpoint.string());
  model_->eval();
  for (auto& parameter : model_->parameters()) parameter.set_requires_grad(false);
  if (precision == "bf16") use_bfloat16_products(*model_);
}

void TrackModel::choose_head(const std::string& asked, const std::string& where) {
  const auto& heads = config().output_heads;
  if (heads.empty()) throw Error("{}: the model has no heads, so it predicts no tracks", where);
  std::vector<std::string> names;
  for (const auto& [name, tracks] : heads) names.push_back(name);
  head_ = asked.empty() && names.size() == 1 ? names.front() : asked;
  if (head_.empty())
    throw Error("{}: the model has several heads; pass --head {}", where,
                fmt::join(names, " or --head "));
  if (heads.count(head_) == 0)
    throw Error("--head {}: the model has {}", head_, fmt::join(names, ", "));
}

at::Tensor TrackModel::predict(const std::vector<int8_t>& indices, bool average) const {
  const at::Tensor tracks = tracks_of_towers(tower(one_hot(indices)).unsqueeze(0))[0];
  if (!average) return tracks;
  const at::Tensor other =
      tracks_of_towers(tower(one_hot(reverse_complement(indices))).unsqueeze(0))[0];
  return (tracks + other.flip(0)) / 2;
}

at::Tensor TrackModel::one_hot(const std::vector<int8_t>& indices) const {
  Batch batch;
  batch.tensors["indices"] =
      at::tensor(std::vector<int64_t>(indices.begin(), indices.end()), at::kLong).unsqueeze(0);
  return model_->one_hot(batch)[0];
}

at::Tensor TrackModel::tower(const at::Tensor& one_hot_L4) const {
  return model_->tower(one_hot_L4.unsqueeze(0))[0];
}

at::Tensor TrackModel::tracks_of_towers(const at::Tensor& x_BLD) const {
  return model_->head_from_tower(x_BLD, head_);
}

at::Tensor TrackModel::tower_after_change(const at::Tensor& before_LD,
                                          const std::vector<int8_t>& indices, int64_t begin,
                                          int64_t end) const {
  const auto length = static_cast<int64_t>(indices.size());
  const TowerPiece piece = tower_piece(config(), length, begin, end);
  const at::Tensor letters_L4 = one_hot(indices).narrow(0, piece.from, piece.to - piece.from);
  const int64_t skipped = piece.first - piece.from / config().bases_of_a_position();
  at::Tensor after_LD = before_LD.clone();
  after_LD.narrow(0, piece.first, piece.count)
      .copy_(tower(letters_L4).narrow(0, skipped, piece.count));
  return after_LD;
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
