#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/models/encoders/enformer_positions.h"
#include "cohesin/models/encoders/enformer_step.h"
#include "cohesin/models/weight_map.h"
#include "cohesin/nn/adapted_layer.h"
#include "cohesin/nn/relative_attention.h"

namespace cohesin {

// Enformer (Avsec et al. 2021, doi:10.1038/s41592-021-01252-x), after enformer-pytorch, whose names
// the published weights have: a convolutional stem and tower halve the sequence again and again, a
// transformer with relative positions works on what is left, the ends are cropped, and a head a
// species predicts its tracks. Shapes: B samples, L bases, n positions after the tower, n' of them
// after the crop, D dim, T tracks.

struct EnformerConfig : ModelConfig {
  int64_t dim = 1536;
  int64_t depth = 11;
  int64_t heads = 8;
  std::map<std::string, int64_t> output_heads{{"human", 5313}, {"mouse", 1643}};
  int64_t target_length = 896;
  int64_t attn_dim_key = 64;
  double dropout_rate = 0.4;
  double attn_dropout = 0.05;
  double pos_dropout = 0.01;
  bool use_convnext = false;
  int64_t num_downsamples = 7;
  int64_t dim_divisible_by = 128;
  bool use_tf_gamma = false;
  std::string gamma;

  void visit(Fields& field) override;
  void resolve() override;
  bool describes(const std::map<std::string, std::string>& keys) const override;
  // Second names of the trunk (`_trunk.N.`) and heads that the config does not have go.
  std::vector<ForeignNote> tidy_foreign(NamedTensors& foreign,
                                        const std::string& where) const override;
  // Heads of a file whose config left them at their default. Says so where weights of the published
  // sizes would run without the gamma features that they were trained with.
  void infer(const TensorShapes& foreign) override;

  std::vector<int64_t> tower_widths() const;   // of the stem and of each step of the tower
  int64_t positions_of(int64_t length) const;  // after stem and tower
  int64_t bases_of_a_position() const { return int64_t{1} << num_downsamples; }
};

// Stem and tower look at a neighbourhood: the positions [first, first + count) of a sequence are
// the only ones that depend on some of its bases, and bases [from, to) tell all about them. `from`
// is the first base of a position.
struct TowerPiece {
  int64_t from = 0, to = 0;
  int64_t first = 0, count = 0;
};

// For the bases [begin,end) of a sequence of `length` bases, which are whole positions.
TowerPiece tower_piece(const EnformerConfig& config, int64_t length, int64_t begin, int64_t end);

// One pre-norm layer: x += attention(norm(x)); x += feed_forward(norm(x)), with a ReLU.
class EnformerLayer : public torch::nn::Module, public AdaptedLayer {
 public:
  explicit EnformerLayer(const EnformerConfig& config);
  at::Tensor forward(const at::Tensor& x_BLD, const at::Tensor& features_PF,
                     at::Tensor* attention_output = nullptr) const;
  Linear& linear(const std::string& name) override;
  int64_t num_heads() const override { return num_heads_; }

 private:
  double dropout_rate_;
  int64_t num_heads_;
  std::shared_ptr<LayerNorm> attention_norm_, ffn_norm_;
  std::shared_ptr<RelativeAttention> attention_;
  std::shared_ptr<Linear> ffn_up_, ffn_down_;
};

class Enformer : public Model {
 public:
  explicit Enformer(const EnformerConfig& config);  // resolves its copy

  // Batch: "indices" [B,L] int64 (A 0, C 1, G 2, T 3, N 4, -1 beyond the chromosome) or "one_hot"
  // [B,L,4] in the order A, C, G, T. Outputs: stem.0 [1,C,L] (of the last sample alone), stem.2
  // [B,C,L/2], conv_tower.I [B,C,length]; position_features [2n-1,D/heads]; attention.I (before
  // the residual), transformer.I [B,n,D]; embeddings [B,n',2D]; a head by its name [B,n',T]. What
  // no output needs is not run.
  Outputs forward(const Batch& batch, const Wanted& wanted) override;

  // The same in two parts, for those who change few bases again and again. The input as the first
  // needs it, checked: [B,L,4].
  at::Tensor one_hot(const Batch& batch) const;
  at::Tensor tower(const at::Tensor& one_hot_BL4);                               // [B,n,D]
  at::Tensor head_from_tower(const at::Tensor& x_BLD, const std::string& head);  // [B,n',T]

  const EnformerConfig& config() const override { return config_; }
  InitialisationRows initialisation() const override;
  // loss: mean(prediction - target log(prediction)) of every head HEAD with "target_HEAD" [B,n',T]
  // in the batch, with live batch norm and without dropout. Moves the stored statistics.
  ReferenceLoss reference_loss(const Batch& batch) override;
  int64_t lowest_id(const std::string& input) const override { return input == "indices" ? -1 : 0; }

 private:
  at::Tensor position_features(int64_t num_positions) const;
  at::Tensor embeddings(const at::Tensor& x_BLD) const;
  size_t num_steps_for(const Wanted& wanted) const;

  EnformerConfig config_;
  std::shared_ptr<EnformerStep> stem_;
  std::vector<std::shared_ptr<EnformerStep>> conv_tower_;
  std::vector<std::shared_ptr<EnformerLayer>> transformer_;
  std::shared_ptr<BatchNorm> final_norm_;
  std::shared_ptr<Linear> final_linear_;
  std::map<std::string, std::shared_ptr<Linear>> heads_;
};

// Names of the authors' PyTorch files.
WeightMap enformer_huggingface_names();

}  // namespace cohesin
