#include "cohesin/models/encoders/token_encoder.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include "cohesin/base/error.h"
#include "cohesin/models/masked_lm_loss.h"

namespace cohesin {

// --- config

void TokenEncoderConfig::visit_common(Fields& field) {
  field("vocab_size", vocab_size);
  field("hidden_size", hidden_size);
  field("num_hidden_layers", num_hidden_layers);
  field("num_attention_heads", num_attention_heads);
  field("intermediate_size", intermediate_size, "width inside the feed-forward, after the gate");
  field("max_position_embeddings", max_position_embeddings, "rows of the position table");
  field("position_embedding_type", position_embedding_type, "rotary or absolute");
  field("rope_theta", rope_theta, "base of the rotary frequencies");
  field("hidden_act", hidden_act, "gelu, the erf form");
  field("layer_norm_eps", layer_norm_eps);
  field("pad_token_id", pad_token_id);
  field("mask_token_id", mask_token_id);
  field("token_dropout", token_dropout,
        "embeddings are scaled by how many tokens are hidden, also at inference");
  field("mask_ratio_train", mask_ratio_train, "share of hidden tokens that the scale assumes");
  field("emb_layer_norm_before", emb_layer_norm_before);
  field("tie_word_embeddings", tie_word_embeddings, "the decoder is the table of the tokens");
  field("stored_frequencies", stored_frequencies,
        "rotary frequencies are read from the weights (rounded in old files)");
}

void TokenEncoderConfig::resolve() {
  check_at_least("vocab_size", vocab_size, 1);
  check_at_least("num_hidden_layers", num_hidden_layers, 1);
  check_at_least("intermediate_size", intermediate_size, 1);
  resolve_key_size({}, hidden_size, num_attention_heads);
  if (position_embedding_type != "rotary" && position_embedding_type != "absolute")
    throw Error("position_embedding_type: expected rotary or absolute, got '{}'",
                position_embedding_type);
  if (hidden_act != "gelu") throw Error("hidden_act: expected gelu, got '{}'", hidden_act);
  if (feed_forward != "gelu" && feed_forward != "gated_silu")
    throw Error("feed_forward: expected gelu or gated_silu, got '{}'", feed_forward);
  for (const auto& [key, id] : {std::pair<const char*, int64_t>{"pad_token_id", pad_token_id},
                                {"mask_token_id", mask_token_id}}) {
    if (id < 0 || id >= vocab_size)
      throw Error("{}: {} is outside the vocabulary of {} tokens", key, id, vocab_size);
  }
  if (rope_theta <= 1) throw Error("rope_theta: expected more than 1, got {}", rope_theta);
  if (layer_norm_eps <= 0) throw Error("layer_norm_eps: expected more than 0");
  if (!(mask_ratio_train >= 0 && mask_ratio_train < 1))
    throw Error("mask_ratio_train: expected 0 or more and less than 1, got {}", mask_ratio_train);
}

// --- module

ContactHead::ContactHead(int64_t num_maps) {
  weight = register_parameter("weight", torch::zeros({1, num_maps}));
  bias = register_parameter("bias", torch::zeros({1}));
}

void TokenEncoder::build(const TokenEncoderConfig& c) {
  word_embedding_ =
      register_module("word_embedding", std::make_shared<Embedding>(c.vocab_size, c.hidden_size));
  if (!c.rotary()) {
    position_embedding_ =
        register_module("position_embedding",
                        std::make_shared<Embedding>(c.max_position_embeddings, c.hidden_size));
  }
  const auto norm = [&c] { return std::make_shared<LayerNorm>(c.hidden_size, c.layer_norm_eps); };
  if (c.emb_layer_norm_before) embedding_norm_ = register_module("embedding_norm", norm());
  TransformerConfig transformer;
  transformer.num_layers = c.num_hidden_layers;
  const int64_t key_size = c.hidden_size / c.num_attention_heads;
  transformer.attention = {c.hidden_size, c.num_attention_heads, key_size, c.rotary()};
  transformer.ffn_embed_dim = c.intermediate_size;
  transformer.feed_forward =
      c.feed_forward == "gated_silu" ? FeedForward::gated_silu : FeedForward::gelu;
  transformer.ffn_bias = c.ffn_bias;
  transformer.layer_norm_eps = c.layer_norm_eps;
  transformer_ = register_module("transformer", std::make_shared<Transformer>(transformer));
  final_norm_ = register_module("final_norm", norm());
  head_dense_ =
      register_module("lm_head_dense", std::make_shared<Linear>(c.hidden_size, c.hidden_size));
  head_norm_ = register_module("lm_head_norm", norm());
  if (!c.tie_word_embeddings) {
    decoder_ = register_module("lm_head_decoder",
                               std::make_shared<Linear>(c.hidden_size, c.vocab_size, false));
  }
  head_bias_ = register_parameter("lm_head_bias", torch::zeros({c.vocab_size}));
  if (c.contact_head) {
    contact_head_ = register_module(
        "contact_head", std::make_shared<ContactHead>(c.num_hidden_layers * c.num_attention_heads));
  }
  if (c.rotary()) frequencies_ = rotary_frequencies(key_size, c.rope_theta);
  if (c.stored_frequencies) frequencies_ = register_buffer("rotary_frequencies", frequencies_);
}

int64_t TokenEncoder::max_tokens() const {
  const TokenEncoderConfig& c = encoder_config();
  return c.rotary() ? 0 : c.max_position_embeddings - c.pad_token_id - 1;
}

// The unused table of a rotary model still tells the length.
int64_t TokenEncoder::trained_tokens() const {
  const TokenEncoderConfig& c = encoder_config();
  return c.max_position_embeddings - c.pad_token_id - 1;
}

// Ids and what follows from where they stand. Packed: one row with the tokens of all sequences.
struct TokenEncoder::Tokens {
  at::Tensor ids_BL;
  at::Tensor mask_BL;        // bool, false at pads; undefined: no pads
  at::Tensor position_BL;    // rows of the position table; absolute positions only
  at::Tensor mask_share;     // of <mask> among the tokens of the same sequence, [B,1] or [1,N]
  AttentionContext context;  // what attention is told
  bool packed() const { return !context.lengths.empty(); }
};

namespace {

void check_ids(const at::Tensor& ids, int64_t vocab_size) {
  if (at::isFloatingType(ids.scalar_type())) throw Error("'input_ids' must hold integers");
  if (ids.numel() == 0) throw Error("'input_ids' has shape {}: no token", shape_text(ids));
  const int64_t lowest = ids.min().item<int64_t>(), highest = ids.max().item<int64_t>();
  if (lowest < 0 || highest >= vocab_size)
    throw Error("'input_ids' has the id {}; the vocabulary has the ids 0 to {}",
                lowest < 0 ? lowest : highest, vocab_size - 1);
}

// Sums over each sequence, repeated for each of its tokens: [N] -> [N].
at::Tensor sum_of_sequence(const at::Tensor& values_N, const at::Tensor& lengths_B) {
  const at::Tensor sequence_N = at::repeat_interleave(lengths_B);
  return at::zeros({lengths_B.size(0)}, values_N.options())
      .index_add(0, sequence_N, values_N)
      .index_select(0, sequence_N);
}

// 0, 1, 2, ... within each sequence, [N].
at::Tensor place_in_sequence(const at::Tensor& lengths_B) {
  const at::Tensor begin_B = lengths_B.cumsum(0) - lengths_B;
  return at::arange(lengths_B.sum().item<int64_t>()) - at::repeat_interleave(begin_B, lengths_B);
}

}  // namespace

TokenEncoder::Tokens TokenEncoder::read_tokens(const Batch& batch) const {
  const TokenEncoderConfig& c = encoder_config();
  Tokens tokens;
  const at::Tensor& ids = batch.at("input_ids");
  check_ids(ids, c.vocab_size);
  const auto device = ids.device();
  const at::Tensor hidden = (ids == c.mask_token_id).to(at::kFloat);
  at::Tensor rotary_place;
  if (batch.has("lengths")) {
    const at::Tensor lengths = batch.at("lengths").to(at::kCPU, at::kLong);
    if (ids.dim() != 1 || lengths.dim() != 1 || (lengths <= 0).any().item<bool>() ||
        lengths.sum().item<int64_t>() != ids.size(0))
      throw Error("'lengths' must hold the lengths of the sequences in 'input_ids' {}",
                  shape_text(ids));
    const int64_t* first = lengths.const_data_ptr<int64_t>();
    tokens.context.lengths.assign(first, first + lengths.numel());
    tokens.ids_BL = ids.unsqueeze(0);
    tokens.mask_share = (sum_of_sequence(hidden, lengths.to(device)) /
                         at::repeat_interleave(lengths, lengths).to(device))
                            .unsqueeze(0);
    rotary_place = place_in_sequence(lengths).to(device);
    tokens.position_BL = rotary_place.unsqueeze(0) + c.pad_token_id + 1;
  } else {
    if (ids.dim() != 2)
      throw Error("'input_ids' has shape {}; expected [sequences, tokens]", shape_text(ids));
    tokens.ids_BL = ids;
    const at::Tensor is_token = ids != c.pad_token_id;
    tokens.mask_BL = batch.has("attention_mask") ? batch.at("attention_mask") != 0 : is_token;
    if (tokens.mask_BL.sizes() != ids.sizes())
      throw Error("'attention_mask' has shape {}, 'input_ids' {}", shape_text(tokens.mask_BL),
                  shape_text(ids));
    tokens.mask_share = hidden.sum(1, true) / tokens.mask_BL.sum(1, true).to(at::kFloat);
    tokens.position_BL = is_token.cumsum(1) * is_token + c.pad_token_id;
    rotary_place = at::arange(ids.size(1), device);
    tokens.context.key_mask_BL = tokens.mask_BL;
  }
  if (c.rotary()) {
    tokens.context.rotary = rotary_table(rotary_place, frequencies_.to(device));
  } else if (tokens.position_BL.max().item<int64_t>() >= c.max_position_embeddings) {
    throw Error("a sequence of {} tokens; the model has positions for {}",
                tokens.position_BL.max().item<int64_t>() - c.pad_token_id, max_tokens());
  }
  return tokens;
}

at::Tensor TokenEncoder::embed(const Tokens& tokens) const {
  const TokenEncoderConfig& c = encoder_config();
  at::Tensor x_BLD = word_embedding_->forward(tokens.ids_BL);
  if (c.token_dropout) {
    x_BLD = x_BLD.masked_fill((tokens.ids_BL == c.mask_token_id).unsqueeze(-1), 0.0);
    x_BLD = x_BLD * (1 - c.mask_ratio_train) / (1 - tokens.mask_share).unsqueeze(-1);
  }
  if (position_embedding_) x_BLD = x_BLD + position_embedding_->forward(tokens.position_BL);
  if (embedding_norm_) x_BLD = embedding_norm_->forward(x_BLD);
  if (tokens.mask_BL.defined()) x_BLD = x_BLD * tokens.mask_BL.unsqueeze(-1);
  return x_BLD;
}

at::Tensor TokenEncoder::logits(const at::Tensor& x_BLD) const {
  const at::Tensor hidden = gelu(head_dense_->forward(x_BLD), Gelu::erf).to(x_BLD.scalar_type());
  const at::Tensor weight = decoder_ ? decoder_->weight : word_embedding_->weight;
  const at::Tensor normed = head_norm_->forward(hidden);
  if (weight.scalar_type() == x_BLD.scalar_type()) return at::linear(normed, weight, head_bias_);
  return at::linear(normed.to(weight.scalar_type()), weight).to(x_BLD.scalar_type()) + head_bias_;
}

// One layer's part of the contact regression (Rao et al. 2021, doi:10.1101/2020.12.15.422761): the
// maps without pads, first and last token, symmetrised, with the average product correction.
at::Tensor TokenEncoder::contact_scores(const at::Tensor& map_BHLL, int64_t layer,
                                        const Tokens& tokens) const {
  const TokenEncoderConfig& c = encoder_config();
  const int64_t inner = map_BHLL.size(2) - 2, heads = c.num_attention_heads;
  const at::Tensor counts_BL =
      tokens.mask_BL.logical_and(tokens.ids_BL != c.eos_token_id).to(map_BHLL.scalar_type());
  at::Tensor x = map_BHLL * (counts_BL.unsqueeze(1) * counts_BL.unsqueeze(2)).unsqueeze(1);
  x = x.narrow(2, 1, inner).narrow(3, 1, inner);
  x = x + x.transpose(2, 3);
  x = x - x.sum(-1, true) * x.sum(-2, true) / x.sum({-1, -2}, true);
  const at::Tensor weight_H = contact_head_->weight[0].narrow(0, (layer - 1) * heads, heads);
  return at::tensordot(x, weight_H, {1}, {0});
}

Outputs TokenEncoder::forward(const Batch& batch, const Wanted& wanted) {
  const TokenEncoderConfig& c = encoder_config();
  const Tokens tokens = read_tokens(batch);
  const auto numbered = [](const char* name, int64_t k) { return name + std::to_string(k); };
  const bool has_maps = !tokens.packed();
  const bool want_contacts =
      contact_head_ && has_maps && wanted("contacts") && tokens.ids_BL.size(1) > 2;
  int64_t last = wanted("logits") || want_contacts ? c.num_hidden_layers : 0;
  for (int64_t k = 1; k <= c.num_hidden_layers; ++k) {
    if (wanted(numbered("hidden_states.", k)) || wanted(numbered("attentions.", k - 1))) last = k;
  }
  Outputs out;
  const auto give = [&](const std::string& name, const at::Tensor& x_BLD) {
    if (wanted(name)) out.tensors[name] = tokens.packed() ? x_BLD.squeeze(0) : x_BLD;
  };
  at::Tensor x_BLD = embed(tokens), contacts_BLL;
  give("hidden_states.0", x_BLD);
  for (int64_t k = 1; k <= last; ++k) {
    const bool want_map = has_maps && wanted(numbered("attentions.", k - 1));
    at::Tensor map_BHLL;
    const bool needs_map = want_map || want_contacts;
    x_BLD = transformer_->layers()[k - 1]->forward(x_BLD, needs_map ? &map_BHLL : nullptr,
                                                   tokens.context);
    if (want_map) out.tensors[numbered("attentions.", k - 1)] = map_BHLL;
    if (want_contacts) {
      const at::Tensor scores_BLL = contact_scores(map_BHLL, k, tokens);
      contacts_BLL = contacts_BLL.defined() ? contacts_BLL + scores_BLL : scores_BLL;
    }
    if (k == c.num_hidden_layers) x_BLD = final_norm_->forward(x_BLD);
    give(numbered("hidden_states.", k), x_BLD);
  }
  if (wanted("logits")) give("logits", logits(x_BLD));
  if (want_contacts) out.tensors["contacts"] = at::sigmoid(contacts_BLL + contact_head_->bias);
  return out;
}

ReferenceLoss TokenEncoder::reference_loss(const Batch& batch) {
  if (!batch.has("mlm_labels")) return {};
  Batch masked;
  masked.tensors["input_ids"] = batch.at("mlm_input_ids");
  const at::Tensor& labels = batch.at("mlm_labels");
  if (labels.sizes() != masked.at("input_ids").sizes())
    throw Error("'mlm_labels' has shape {}, 'mlm_input_ids' {}", shape_text(labels),
                shape_text(masked.at("input_ids")));
  const at::Tensor logits = forward(masked, {"logits"}).at("logits");
  return {{{"mlm_loss", masked_lm_loss({{logits, labels}}, OmicsMean::together)}}, {}};
}

InitialisationRows TokenEncoder::initialisation() const {
  return {{".*norm\\.weight", Initialisation::ones},
          {".*bias", Initialisation::zeros},
          {".*", Initialisation::small}};
}

}  // namespace cohesin
