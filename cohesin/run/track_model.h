#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/models/encoders/enformer.h"
#include "cohesin/run/model_checkpoint.h"

namespace cohesin {

// An Enformer and the head of it that is asked.
class TrackModel {
 public:
  // `head` may be empty where the model has one alone. `precision` bf16 rounds the products.
  // Nothing of it can be trained. Throws Error for another model, and for an unknown head.
  TrackModel(const std::filesystem::path& checkpoint, const std::filesystem::path& base,
             const std::string& head, const std::string& precision);

  const EnformerConfig& config() const { return model_->config(); }
  const std::string& head() const { return head_; }
  int64_t num_tracks() const { return config().output_heads.at(head_); }

  // What the head predicts for a window, [bins,tracks]; with `average` the mean of both strands.
  at::Tensor predict(const std::vector<int8_t>& indices, bool average) const;

  // The same in two parts, see Enformer.
  at::Tensor one_hot(const std::vector<int8_t>& indices) const;  // [L,4]
  at::Tensor tower(const at::Tensor& one_hot_L4) const;          // [n,D]
  at::Tensor tracks_of_towers(const at::Tensor& x_BLD) const;    // [B,bins,T]
  // The tower of a window whose bases [begin,end) are not those of the window that `before` is the
  // tower of: only what they have part in is computed.
  at::Tensor tower_after_change(const at::Tensor& before_LD, const std::vector<int8_t>& indices,
                                int64_t begin, int64_t end) const;

 private:
  void choose_head(const std::string& asked, const std::string& where);

  ModelCheckpoint checkpoint_;
  std::shared_ptr<Enformer> model_;
  std::string head_;
};

// Whether the model of this checkpoint or Hugging Face folder predicts tracks; reads no weights.
bool predicts_tracks(const std::filesystem::path& checkpoint);

// A digest of the weights, for telling whether a partial result is of the same model.
std::string track_weights_digest(const std::filesystem::path& checkpoint);

// The other strand of indices (A 0, C 1, G 2, T 3, N 4, -1 beyond the sequence).
std::vector<int8_t> reverse_complement(const std::vector<int8_t>& indices);

}  // namespace cohesin
