#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/models/weight_map.h"
#include "cohesin/nn/transformer.h"

namespace cohesin {

// The encoder over tokens of a sequence that ESM-2 and the Nucleotide Transformer are: a table, a
// pre-norm transformer with rotary or learned positions, a masked-language head.
// Shapes: B sequences, L tokens, N tokens of all sequences together, D hidden_size, H heads, V
// vocabulary.

// The authors' keys (those of `EsmConfig`). Defaults are set by the models.
struct TokenEncoderConfig : ModelConfig {
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_attention_heads = 0;
  int64_t intermediate_size = 0;
  int64_t max_position_embeddings = 1026;
  std::string position_embedding_type = "rotary";
  double rope_theta = 10000.0;
  std::string hidden_act = "gelu";
  std::string feed_forward = "gelu";
  bool ffn_bias = true;
  double layer_norm_eps = 1e-5;
  int64_t pad_token_id = 1;
  int64_t mask_token_id = 0;
  int64_t eos_token_id = -1;
  bool token_dropout = true;
  double mask_ratio_train = 0.12;
  bool emb_layer_norm_before = false;
  bool tie_word_embeddings = false;
  bool contact_head = false;
  bool stored_frequencies = false;

  void resolve() override;
  // Older and shared tensors of Hugging Face files, fair-esm's prefixes, the JAX code's older
  // module names.
  std::vector<ForeignNote> tidy_foreign(NamedTensors& foreign,
                                        const std::string& where) const override;
  void infer(const TensorShapes& foreign) override;
  bool rotary() const { return position_embedding_type == "rotary"; }

 protected:
  void visit_common(Fields& field);
};

// The weights of a regression on all attention maps, which gives contacts of residues.
class ContactHead : public torch::nn::Module {
 public:
  explicit ContactHead(int64_t num_maps);
  at::Tensor weight, bias;  // [1, layers * heads], [1]
};

class TokenEncoder : public SequenceModel {
 public:
  // Batch: "input_ids" [B,L], pads at the right end; "attention_mask" [B,L] (1 = token), by default
  // ids other than the pad. Or, without any padding, "input_ids" [N] and "lengths" [B] (int64, on
  // the CPU): the sequences one after the other, with the same results. Outputs: hidden_states.K
  // ([B,L,D] or [N,D]; 0 what enters the first layer, the last one after the final norm),
  // attentions.K [B,H,L,L], logits, contacts [B,L-2,L-2] (ESM-2, unpacked). At pads the outputs are
  // defined and mean nothing.
  Outputs forward(const Batch& batch, const Wanted& wanted) override;
  InitialisationRows initialisation() const override;
  // On "mlm_input_ids" and "mlm_labels" [B,L].
  ReferenceLoss reference_loss(const Batch& batch) override;

  int64_t vocab_size() const override { return encoder_config().vocab_size; }
  int64_t num_layers() const override { return encoder_config().num_hidden_layers; }
  int64_t embedding_dim() const override { return encoder_config().hidden_size; }
  int64_t max_tokens() const override;
  int64_t trained_tokens() const override;
  int64_t pad_token() const override { return encoder_config().pad_token_id; }
  int64_t mask_token() const override { return encoder_config().mask_token_id; }

  virtual const TokenEncoderConfig& encoder_config() const = 0;

 protected:
  void build(const TokenEncoderConfig& config);

 private:
  struct Tokens;  // ids and what follows from where they stand

  Tokens read_tokens(const Batch& batch) const;
  at::Tensor embed(const Tokens& tokens) const;
  at::Tensor logits(const at::Tensor& x_BLD) const;
  at::Tensor contact_scores(const at::Tensor& map_BHLL, int64_t layer, const Tokens& tokens) const;

  std::shared_ptr<Embedding> word_embedding_, position_embedding_;
  std::shared_ptr<LayerNorm> embedding_norm_;
  std::shared_ptr<Transformer> transformer_;
  std::shared_ptr<LayerNorm> final_norm_;
  std::shared_ptr<Linear> head_dense_, decoder_;
  std::shared_ptr<LayerNorm> head_norm_;
  at::Tensor head_bias_;
  std::shared_ptr<ContactHead> contact_head_;
  at::Tensor frequencies_;
};

// Names of the Hugging Face files, those of both models.
WeightMap token_encoder_huggingface_names();

}  // namespace cohesin
