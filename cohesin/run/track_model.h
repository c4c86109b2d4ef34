#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/models/encoders/enformer.h"
#include "cohesin/omics/frame.h"
#include "cohesin/run/track_checkpoint.h"
#include "cohesin/run/track_windows.h"

namespace cohesin {

// An Enformer and the head of it that is asked.
class TrackModel {
 public:
  // `head` may be empty where the model has one alone. `precision` bf16 rounds the products.
  // Nothing of it can be trained. Throws Error for another model, and for an unknown head.
  TrackModel(const std::filesystem::path& checkpoint, const std::filesystem::path& base,
             const std::string& head, const std::string& precision);

  const EnformerConfig& config() const { return loaded_.model->config(); }
  const std::string& head() const { return loaded_.tracks.head; }
  int64_t num_tracks() const { return config().output_heads.at(head()); }
  // With windows of so many bases; 0: those of its training, else see track_geometry().
  TrackGeometry geometry(int64_t window) const;
  // Of a file, see cohesin::track_names(); without one those that it was trained on.
  Frame track_names(const std::filesystem::path& file) const;

  // What the head predicts for a window, [bins,tracks]; with `average` the mean of both strands.
  at::Tensor predict(const std::vector<int8_t>& indices, bool average) const;

  // What was predicted for the other strand, [...,bins,tracks], as of this one: the bins run the
  // other way, and tracks of the two strands change places where the checkpoint knows the pairs.
  at::Tensor turn_back(const at::Tensor& tracks) const;

  // The same in two parts, see Enformer.
  at::Tensor one_hot(const std::vector<int8_t>& indices) const;  // [L,4]
  at::Tensor tower(const at::Tensor& one_hot_L4) const;          // [n,D]
  at::Tensor tracks_of_towers(const at::Tensor& x_BLD) const;    // [B,bins,T]
  // The tower of a window whose bases [begin,end) alone are not those of the window that `before`
  // is the tower of: only what they have part in is computed.
  at::Tensor tower_after_change(const at::Tensor& before_LD, const at::Tensor& letters_L4,
                                int64_t begin, int64_t end) const;
  // The same of several such windows, of which the bases of the piece are given, [B,L,D].
  at::Tensor towers_with_piece(const at::Tensor& before_LD, const at::Tensor& letters_BP4,
                               const TowerPiece& piece) const;
  // What the piece's own positions come to, [B,count,D].
  at::Tensor tower_of_piece(const at::Tensor& letters_BP4, const TowerPiece& piece) const;

 private:
  TrackCheckpoint loaded_;
};

// Whether the model of this checkpoint or Hugging Face folder predicts tracks; reads no weights.
bool predicts_tracks(const std::filesystem::path& checkpoint);

// A digest of the weights, for telling whether a partial result is of the same model.
std::string track_weights_digest(const std::filesystem::path& checkpoint);

// The other strand of indices (A 0, C 1, G 2, T 3, N 4, -1 beyond the sequence).
std::vector<int8_t> reverse_complement(const std::vector<int8_t>& indices);

}  // namespace cohesin
