#include "cohesin/models/encoders/enformer.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/models/poisson_loss.h"

namespace cohesin {
namespace {

constexpr int64_t kStemKernel = 15, kTowerKernel = 5;
const std::string kTarget = "target_";

// "human" of "target_human"; empty for other keys.
std::string target_head(const std::string& key) {
  return key.rfind(kTarget, 0) == 0 ? key.substr(kTarget.size()) : "";
}

void train_batch_norms(const torch::nn::Module& module, bool on) {
  for (const auto& inner : module.modules(/*include_self=*/false)) {
    if (auto* norm = dynamic_cast<BatchNorm*>(inner.get())) norm->train(on);
  }
}

}  // namespace

TowerPiece tower_piece(const EnformerConfig& config, int64_t length, int64_t begin, int64_t end) {
  // How far a position sees beyond its own bases: half a kernel of each step, whose values are
  // 1, 2, 4, ... bases apart.
  int64_t reach = kStemKernel / 2;
  for (int64_t i = 1; i < config.num_downsamples; ++i) reach += (kTowerKernel / 2) << i;
  const int64_t bin = config.bases_of_a_position();
  const auto down = [bin](int64_t base) { return std::max<int64_t>(0, base) / bin; };
  const auto up = [bin, length](int64_t base) { return (std::min(base, length) + bin - 1) / bin; };
  TowerPiece piece;
  piece.first = down(begin - reach);
  piece.count = up(end + reach) - piece.first;
  piece.from = down(piece.first * bin - reach) * bin;
  piece.to = std::min(up((piece.first + piece.count) * bin + reach) * bin, length);
  return piece;
}

EnformerLayer::EnformerLayer(const EnformerConfig& c)
    : dropout_rate_(c.dropout_rate), num_heads_(c.heads) {
  RelativeAttentionConfig attention;
  attention.width = c.dim;
  attention.num_heads = c.heads;
  attention.key_width = c.attn_dim_key;
  attention.value_width = attention.num_features = c.dim / c.heads;
  attention.attention_dropout = c.attn_dropout;
  attention.position_dropout = c.pos_dropout;
  attention_norm_ = register_module("attention_norm", std::make_shared<LayerNorm>(c.dim));
  attention_ = register_module("attention", std::make_shared<RelativeAttention>(attention));
  ffn_norm_ = register_module("ffn_norm", std::make_shared<LayerNorm>(c.dim));
  ffn_up_ = register_module("ffn_up", std::make_shared<Linear>(c.dim, 2 * c.dim));
  ffn_down_ = register_module("ffn_down", std::make_shared<Linear>(2 * c.dim, c.dim));
}

at::Tensor EnformerLayer::forward(const at::Tensor& x_BLD, const at::Tensor& features_PF,
                                  at::Tensor* attention_output) const {
  const auto drop = [this](const at::Tensor& x) {
    return at::dropout(x, dropout_rate_, is_training());
  };
  const at::Tensor attended = attention_->forward(attention_norm_->forward(x_BLD), features_PF);
  if (attention_output != nullptr) *attention_output = attended;
  const at::Tensor x = x_BLD + drop(attended);
  const at::Tensor hidden = at::relu(drop(ffn_up_->forward(ffn_norm_->forward(x))));
  return x + drop(ffn_down_->forward(hidden));
}

Linear& EnformerLayer::linear(const std::string& name) {
  if (name == "ffn_up") return *ffn_up_;
  if (name == "ffn_down") return *ffn_down_;
  return attention_->projection(name);
}

Enformer::Enformer(const EnformerConfig& config) : config_(config) {
  config_.resolve();
  const EnformerConfig& c = config_;
  const std::vector<int64_t> widths = c.tower_widths();
  stem_ = register_module("stem", std::make_shared<EnformerStep>(4, widths[0], kStemKernel, false));
  const auto tower = register_module("conv_tower", std::make_shared<torch::nn::Module>());
  for (size_t i = 0; i + 1 < widths.size(); ++i) {
    conv_tower_.push_back(tower->register_module(
        std::to_string(i),
        std::make_shared<EnformerStep>(widths[i], widths[i + 1], kTowerKernel, true)));
  }
  const auto transformer = register_module("transformer", std::make_shared<torch::nn::Module>());
  for (int64_t i = 0; i < c.depth; ++i) {
    transformer_.push_back(
        transformer->register_module(std::to_string(i), std::make_shared<EnformerLayer>(c)));
  }
  final_norm_ = register_module("final_norm", std::make_shared<BatchNorm>(c.dim));
  final_linear_ = register_module("final_linear", std::make_shared<Linear>(c.dim, 2 * c.dim));
  for (const auto& [name, tracks] : c.output_heads)
    heads_[name] = register_module("head_" + name, std::make_shared<Linear>(2 * c.dim, tracks));
}

Outputs Enformer::forward(const Batch& batch, const Wanted& wanted) {
  Outputs out;
  const auto give = [&out, &wanted](const std::string& name, const at::Tensor& value) {
    if (wanted(name)) out.tensors[name] = value;
  };
  const auto give_BCL = [&out, &wanted](const std::string& name, const at::Tensor& x_BLC) {
    if (wanted(name)) out.tensors[name] = x_BLC.mT().contiguous();
  };
  at::Tensor x = one_hot(batch);  // [B,L,4]
  if (wanted("stem.0")) give_BCL("stem.0", stem_->convolve(x.narrow(0, x.size(0) - 1, 1)));
  size_t num_steps = num_steps_for(wanted);
  at::Tensor features;
  if (wanted("position_features") || num_steps > 1 + conv_tower_.size())
    features = position_features(config_.positions_of(x.size(1))).to(x.options());
  if (features.defined()) give("position_features", features);

  if (num_steps-- == 0) return out;
  x = stem_->forward(x);
  give_BCL("stem.2", x);
  for (size_t i = 0; i < conv_tower_.size(); ++i) {
    if (num_steps-- == 0) return out;
    x = conv_tower_[i]->forward(x);
    give_BCL("conv_tower." + std::to_string(i), x);
  }
  for (size_t i = 0; i < transformer_.size(); ++i) {
    if (num_steps-- == 0) return out;
    at::Tensor attention;
    x = transformer_[i]->forward(x, features, &attention);
    give("attention." + std::to_string(i), attention);
    give("transformer." + std::to_string(i), x);
  }
  if (num_steps-- == 0) return out;
  x = embeddings(x);
  give("embeddings", x);
  for (const auto& [name, head] : heads_) {
    if (wanted(name)) out.tensors[name] = at::softplus(head->forward(x).to(x.scalar_type()));
  }
  return out;
}

at::Tensor Enformer::tower(const at::Tensor& one_hot_BL4) {
  at::Tensor x = stem_->forward(one_hot_BL4);
  for (const auto& step : conv_tower_) x = step->forward(x);
  return x;
}

at::Tensor Enformer::head_from_tower(const at::Tensor& x_BLD, const std::string& head) {
  const at::Tensor features = position_features(x_BLD.size(1)).to(x_BLD.options());
  at::Tensor x = x_BLD;
  for (const auto& layer : transformer_) x = layer->forward(x, features);
  x = embeddings(x);
  return at::softplus(heads_.at(head)->forward(x).to(x.scalar_type()));
}

// How many of stem, tower, layers and embeddings must run, one after the other.
size_t Enformer::num_steps_for(const Wanted& wanted) const {
  const size_t num_tower = conv_tower_.size(), num_layers = transformer_.size();
  bool last = wanted("embeddings");
  for (const auto& [name, head] : heads_) last = last || wanted(name);
  if (last) return num_tower + num_layers + 2;
  for (size_t i = num_layers; i-- > 0;) {
    const std::string number = std::to_string(i);
    if (wanted("transformer." + number) || wanted("attention." + number)) return num_tower + i + 2;
  }
  for (size_t i = num_tower; i-- > 0;) {
    if (wanted("conv_tower." + std::to_string(i))) return i + 2;
  }
  return wanted("stem.2") ? 1 : 0;
}

at::Tensor Enformer::one_hot(const Batch& batch) const {
  const auto options = final_norm_->weight.options().requires_grad(false);
  at::Tensor one_hot_BL4;
  if (batch.has("indices")) {
    const at::Tensor& ids = batch.at("indices");
    if (ids.dim() != 2 || !at::isIntegralType(ids.scalar_type(), /*includeBool=*/false))
      throw Error("'indices' has shape {}; the model needs integers [samples, bases]",
                  shape_text(ids));
    const at::Tensor wrong = ids.lt(-1).logical_or(ids.gt(4));
    if (wrong.any().item<bool>()) {
      throw Error("'indices' holds {}; known are A 0, C 1, G 2, T 3, N 4 and -1 for padding",
                  ids.masked_select(wrong)[0].item<int64_t>());
    }
    at::Tensor rows = at::cat({at::full({1, 4}, 0.25), at::eye(4), at::zeros({1, 4})});
    one_hot_BL4 = at::embedding(rows.to(options), ids.to(at::kLong) + 1);
  } else if (batch.has("one_hot")) {
    one_hot_BL4 = batch.at("one_hot").to(options);
    if (one_hot_BL4.dim() != 3 || one_hot_BL4.size(2) != 4)
      throw Error("'one_hot' has shape {}; the model needs [samples, bases, 4]",
                  shape_text(one_hot_BL4));
  } else {
    throw Error("the batch has neither 'indices' [samples, bases] nor 'one_hot'");
  }
  if (one_hot_BL4.numel() == 0) throw Error("the batch has no bases");
  const int64_t length = one_hot_BL4.size(1), positions = config_.positions_of(length);
  if (const int64_t target = config_.target_length; target != -1) {
    const int64_t kept = positions - (positions - target + 1) / 2 * 2;
    if (positions < target || kept < 1) {
      throw Error(
          "{} bases are {} positions after {} halvings, too few for target_length {}: give longer "
          "sequences, or set target_length",
          length, positions, config_.num_downsamples, target);
    }
  }
  return one_hot_BL4;
}

at::Tensor Enformer::position_features(int64_t num_positions) const {
  return enformer_positions(num_positions, config_.dim / config_.heads, parse_gamma(config_.gamma));
}

at::Tensor Enformer::embeddings(const at::Tensor& x_BLD) const {
  at::Tensor x = x_BLD;
  if (const int64_t target = config_.target_length; target != -1) {
    // An odd difference loses one more position, as in the authors' code.
    const int64_t trimmed = (x.size(1) - target + 1) / 2;
    x = x.narrow(1, trimmed, x.size(1) - 2 * trimmed);
  }
  x = final_linear_->forward(gelu(final_norm_->forward(x), Gelu::sigmoid)).to(x.scalar_type());
  constexpr double kShareOfDropout = 0.125;
  return gelu(at::dropout(x, config_.dropout_rate * kShareOfDropout, is_training()), Gelu::sigmoid);
}

ReferenceLoss Enformer::reference_loss(const Batch& batch) {
  std::set<std::string> wanted;
  for (const auto& [key, target] : batch.tensors) {
    const std::string head = target_head(key);
    if (head.empty()) continue;
    if (heads_.count(head) == 0) throw Error("'{}': the model has no head '{}'", key, head);
    wanted.insert(head);
  }
  if (wanted.empty()) return {};
  const bool was_training = final_norm_->is_training();
  train_batch_norms(*this, true);
  const Outputs out = forward(batch, Wanted(wanted));
  train_batch_norms(*this, was_training);
  at::Tensor loss;
  for (const auto& head : wanted) {
    const at::Tensor& prediction = out.at(head);
    const at::Tensor& target = batch.at(kTarget + head);
    if (target.sizes() != prediction.sizes())
      throw Error("'{}{}' has shape {}; the model predicts {}", kTarget, head, shape_text(target),
                  shape_text(prediction));
    const at::Tensor poisson = poisson_loss(prediction, target);
    loss = loss.defined() ? loss + poisson : poisson;
  }
  ReferenceLoss reference{{{"loss", loss}}, {}};
  for (const auto& item : named_buffers()) reference.after[item.key()] = item.value();
  return reference;
}

InitialisationRows Enformer::initialisation() const {
  return {{".*norm\\.weight", Initialisation::ones},
          {".*\\.pool\\.weight", Initialisation::twice_identity},
          {".*\\.attention\\.output\\.weight|.*\\.bias", Initialisation::zeros},
          {".*\\.(content|position)_bias", Initialisation::table},
          {".*\\.weight", Initialisation::fan_in}};
}

WeightMap enformer_huggingface_names() {
  const std::string layer = "transformer.{i}.", attention = layer + "0.fn.1.";
  WeightMap map = {
      {"stem.pool.weight", "stem.2.to_attn_logits.weight", "oi11->oi"},
      {"conv_tower.{i}.pool.weight", "conv_tower.{i}.2.to_attn_logits.weight", "oi11->oi"},
      {layer + "attention.query.weight", attention + "to_q.weight"},
      {layer + "attention.key.weight", attention + "to_k.weight"},
      {layer + "attention.value.weight", attention + "to_v.weight"},
      {layer + "attention.relative_key.weight", attention + "to_rel_k.weight"},
      {layer + "attention.content_bias", attention + "rel_content_bias", "1h1k->hk"},
      {layer + "attention.position_bias", attention + "rel_pos_bias", "1h1k->hk"},
  };
  const auto add = [&map](const std::string& ours, const std::string& theirs,
                          const char* layout = "") {
    map.push_back({ours + ".weight", theirs + ".weight", layout});
    map.push_back({ours + ".bias", theirs + ".bias"});
  };
  add("stem.conv", "stem.0");
  add("stem.residual_linear", "stem.1.fn.2", "oi1->oi");
  add("conv_tower.{i}.conv", "conv_tower.{i}.0.2");
  add("conv_tower.{i}.residual_linear", "conv_tower.{i}.1.fn.2", "oi1->oi");
  add(layer + "attention_norm", layer + "0.fn.0");
  add(layer + "attention.output", attention + "to_out");
  add(layer + "ffn_norm", layer + "1.fn.0");
  add(layer + "ffn_up", layer + "1.fn.1");
  add(layer + "ffn_down", layer + "1.fn.4");
  add("final_linear", "final_pointwise.1.2", "oi1->oi");
  add("head_{omic}", "_heads.{omic}.0");
  const std::vector<std::pair<std::string, std::string>> batch_norms = {
      {"stem.residual_norm", "stem.1.fn.0"},
      {"conv_tower.{i}.norm", "conv_tower.{i}.0.0"},
      {"conv_tower.{i}.residual_norm", "conv_tower.{i}.1.fn.0"},
      {"final_norm", "final_pointwise.1.0"},
  };
  for (const auto& [ours, theirs] : batch_norms) {
    add(ours, theirs);
    for (const auto* buffer : {".running_mean", ".running_var", ".num_batches_tracked"})
      map.push_back({ours + buffer, theirs + buffer});
  }
  return map;
}

}  // namespace cohesin
