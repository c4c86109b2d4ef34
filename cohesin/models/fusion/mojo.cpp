#include "cohesin/models/fusion/mojo.h"

#include <torch/nn/module.h>

#include "cohesin/base/error.h"

namespace cohesin {

void MojoConfig::visit(Fields& field) {
  field("alphabet_size", alphabet_size, "rows of each omic's table: bins, <pad>, <mask>");
  field("sequence_length", sequence_length, "genes");
  field("fixed_sequence_length", fixed_sequence_length,
        "genes and pads; always computed: the next multiple of 2^num_downsamples");
  field("token_embed_dim", token_embed_dim);
  field("use_gene_embedding", use_gene_embedding, "adds a learned vector of each gene");
  field("init_gene_embed_dim", init_gene_embed_dim, "width of the gene table");
  field("project_gene_embedding", project_gene_embedding,
        "a Linear after the gene table; always on when the widths differ");
  field("conv_init_embed_dim", conv_init_embed_dim, "channels of the stem");
  field("stem_kernel_shape", stem_kernel_shape);
  field("num_downsamples", num_downsamples, "conv blocks, each halves the length");
  field("filter_list", filter_list, "channels of the tower; always computed");
  field("use_skip_connection", use_skip_connection);
  field("embed_dim", embed_dim, "width of the transformer");
  field("num_layers", num_layers);
  field("num_attention_heads", num_attention_heads);
  field("key_size", key_size, "width of a head; default embed_dim / num_attention_heads");
  field("ffn_embed_dim", ffn_embed_dim, "after the gate");
  field("layer_norm_eps", layer_norm_eps, "of the transformer; elsewhere it is 1e-5");
  field("num_hidden_layers_head", num_hidden_layers_head);
  field("embeddings_layers_to_save", embeddings_layers_to_save, "layers count from 1");
  field("attention_layers_to_save", attention_layers_to_save, "layers count from 1");
  field("gelu", gelu, "tanh (the authors') or erf; of convolutions and heads");
  field("continuous_input", continuous_input, "omics whose scaled values go in instead of tokens");
}

void MojoConfig::resolve() {
  if (alphabet_size.empty()) throw Error("alphabet_size: a model needs at least one omic");
  for (const auto& [omic, rows] : alphabet_size) {
    if (omic.empty() || omic.find_first_of("./") != std::string::npos) {
      throw Error("alphabet_size: '{}' is no name of an omic ('.' and '/' are not allowed)", omic);
    }
    check_at_least(("alphabet_size." + omic).c_str(), rows, 1);
  }
  for (const auto& [omic, on] : continuous_input) {
    if (alphabet_size.count(omic) == 0) throw Error("continuous_input: no omic '{}'", omic);
  }
  check_at_least("sequence_length", sequence_length, 1);
  check_at_least("token_embed_dim", token_embed_dim, 1);
  check_at_least("init_gene_embed_dim", init_gene_embed_dim, 1);
  check_at_least("conv_init_embed_dim", conv_init_embed_dim, 1);
  check_at_least("num_downsamples", num_downsamples, 0);
  if (num_downsamples > 30) throw Error("num_downsamples: at most 30, got {}", num_downsamples);
  check_at_least("num_layers", num_layers, 0);
  check_at_least("ffn_embed_dim", ffn_embed_dim, 1);
  check_at_least("num_hidden_layers_head", num_hidden_layers_head, 0);
  if (stem_kernel_shape < 1 || stem_kernel_shape % 2 == 0) {
    throw Error("stem_kernel_shape: expected an odd number, got {}", stem_kernel_shape);
  }
  check_layers("embeddings_layers_to_save", embeddings_layers_to_save, num_layers);
  check_layers("attention_layers_to_save", attention_layers_to_save, num_layers);
  parse_gelu(gelu);
  key_size = resolve_key_size(key_size, embed_dim, num_attention_heads);
  if (init_gene_embed_dim != token_embed_dim) project_gene_embedding = true;
  const int64_t factor = int64_t{1} << num_downsamples;
  fixed_sequence_length = (sequence_length + factor - 1) / factor * factor;
  // As numpy's linspace, cut to whole numbers.
  filter_list = {conv_init_embed_dim};
  const double step = num_downsamples == 0 ? 0.0
                                           : static_cast<double>(embed_dim - conv_init_embed_dim) /
                                                 static_cast<double>(num_downsamples);
  for (int64_t i = 1; i < num_downsamples; ++i) {
    filter_list.push_back(static_cast<int64_t>(static_cast<double>(i) * step +
                                               static_cast<double>(conv_init_embed_dim)));
  }
  if (num_downsamples > 0) filter_list.push_back(embed_dim);
  if (filter_list.back() != embed_dim) {
    throw Error("conv_init_embed_dim {} must equal embed_dim {} when num_downsamples is 0",
                conv_init_embed_dim, embed_dim);
  }
}

void MojoConfig::fit_to(int64_t num_genes, const std::map<std::string, OmicInput>& omics) {
  sequence_length = num_genes;
  alphabet_size.clear();
  continuous_input.clear();
  for (const auto& [omic, input] : omics) {
    alphabet_size[omic] = input.bins + 2;
    if (input.continuous) continuous_input[omic] = true;
  }
}

bool MojoConfig::is_continuous(const std::string& omic) const {
  const auto found = continuous_input.find(omic);
  return found != continuous_input.end() && found->second;
}

Mojo::Mojo(const MojoConfig& config) : config_(config) {
  config_.resolve();
  const MojoConfig& c = config_;
  gelu_ = parse_gelu(c.gelu);
  for (const auto& [omic, rows] : c.alphabet_size) {
    if (c.is_continuous(omic)) {
      value_embedding_[omic] =
          register_module("value_embedding_" + omic,
                          std::make_shared<ValueEmbedding>(c.token_embed_dim, c.sequence_length));
    } else {
      token_embedding_[omic] = register_module(
          "token_embedding_" + omic, std::make_shared<Embedding>(rows, c.token_embed_dim));
    }
  }
  if (c.use_gene_embedding) {
    gene_embedding_ = register_module(
        "gene_embedding",
        std::make_shared<GeneEmbedding>(c.fixed_sequence_length, c.init_gene_embed_dim,
                                        c.token_embed_dim, c.project_gene_embedding));
  }
  stem_ = register_module("stem", std::make_shared<Conv1d>(c.token_embed_dim, c.conv_init_embed_dim,
                                                           c.stem_kernel_shape));
  conv_tower_ = register_module("conv_tower", std::make_shared<ConvTower>(c.filter_list, gelu_));
  TransformerConfig transformer;
  transformer.num_layers = c.num_layers;
  transformer.attention = {c.embed_dim, c.num_attention_heads, *c.key_size, true};
  transformer.ffn_embed_dim = c.ffn_embed_dim;
  transformer.feed_forward = FeedForward::gated_silu;
  transformer.ffn_bias = false;
  transformer.layer_norm_eps = c.layer_norm_eps;
  transformer_ = register_module("transformer", std::make_shared<Transformer>(transformer));
  deconv_tower_ =
      register_module("deconv_tower", std::make_shared<DeconvTower>(c.filter_list, gelu_));
  make_heads();
}

void Mojo::make_heads() {
  for (const auto& [omic, rows] : config_.alphabet_size) {
    const std::string name = "lm_head_" + omic + "_";
    int64_t width = config_.conv_init_embed_dim;
    for (int64_t i = 0; i < config_.num_hidden_layers_head; ++i) {
      heads_[omic].push_back(register_module(name + std::to_string(i),
                                             std::make_shared<Linear>(width, config_.embed_dim)));
      width = config_.embed_dim;
    }
    heads_[omic].push_back(register_module(name + "output", std::make_shared<Linear>(width, rows)));
  }
}

at::Tensor Mojo::embed(const std::string& omic, const Batch& batch) {
  if (continuous(omic)) {
    return value_embedding_.at(omic)->forward(checked_input(batch, omic + ".values"),
                                              checked_input(batch, omic + ".hidden"));
  }
  return token_embedding_.at(omic)->forward(checked_input(batch, omic + ".tokens"));
}

at::Tensor Mojo::logits(const std::string& omic, const at::Tensor& x_BLC) const {
  at::Tensor x = x_BLC;
  for (const auto& layer : heads_.at(omic)) x = layer->forward(gelu(x, gelu_));
  return x;
}

Outputs Mojo::forward(const Batch& batch, const Wanted& wanted) {
  Outputs out;
  const auto give = [&out, &wanted](const std::string& name, const at::Tensor& value) {
    if (wanted(name)) out.tensors[name] = value;
  };
  at::Tensor x_BLE;
  for (const auto& omic : omics()) {
    const at::Tensor omic_BLE = embedded(omic, batch);
    give("omic_embeddings." + omic, omic_BLE);
    x_BLE = x_BLE.defined() ? x_BLE + omic_BLE : omic_BLE;
  }
  give("embeddings", x_BLE);
  if (gene_embedding_) x_BLE = x_BLE + gene_embedding_->forward();
  give("embeddings_with_gene_embedding", x_BLE);

  at::Tensor x_BLC = gelu(stem_->forward(x_BLE), gelu_);
  give("stem", x_BLC);
  auto [x_BPD, skips] = conv_tower_->forward(x_BLC);
  give("conv_tower", x_BPD);
  for (size_t i = 0; i < skips.size(); ++i) {
    give("conv_tower_residuals." + std::to_string(i), skips[i]);
  }
  if (!config_.use_skip_connection || !(wanted.any("logits") || wanted("deconv_tower"))) {
    skips.clear();
  }

  const LayerTaps taps = layer_taps(wanted, config_.num_layers, config_.embeddings_layers_to_save,
                                    config_.attention_layers_to_save);
  x_BPD = transformer_->forward(x_BPD, taps, out.tensors);
  give("after_transformer_embedding", x_BPD);

  if (!wanted.any("logits") && !wanted("deconv_tower")) return out;
  x_BLC = deconv_tower_->forward(x_BPD, skips);
  give("deconv_tower", x_BLC);
  for (const auto& omic : omics()) {
    if (wanted("logits." + omic)) out.tensors["logits." + omic] = logits(omic, x_BLC);
  }
  return out;
}

std::vector<std::string> Mojo::omics() const {
  std::vector<std::string> names;
  for (const auto& [omic, rows] : config_.alphabet_size) names.push_back(omic);
  return names;
}

InitialisationRows Mojo::initialisation() const {
  return {{".*norm\\.weight", Initialisation::ones},
          {"transformer\\..*attention\\..*", Initialisation::he_uniform},
          {"token_embedding_.*|gene_embedding\\.weight|.*\\.(mask|pad)", Initialisation::table},
          {".*\\.bias", Initialisation::zeros},
          {"deconv_tower\\.deconv_[0-9]+\\.weight", Initialisation::fan_in_transposed},
          {".*\\.weight", Initialisation::fan_in}};
}

WeightMap mojo_haiku_names() {
  const std::string m = "multi_omics_lm/";
  const std::string conv = m + "conv_block_{i}/conv_block/";
  const std::string conv_residual = m + "conv_block_{i}/residual_conv_block/conv_block/";
  const std::string layer = m + "attention_layer_{i}/~/";
  const std::string deconv = m + "deconv_block_{i}/de_conv_block/";
  const std::string deconv_residual = m + "deconv_block_{i}/residual_de_conv_block/de_conv_block/";
  return {
      {"token_embedding_{omic}.weight", m + "~/{omic}_embedding/embeddings"},
      {"gene_embedding.weight", m + "~/gene_embedding/embeddings"},
      {"gene_embedding.projection.weight", m + "~/linear/w", "io->oi"},
      {"gene_embedding.projection.bias", m + "~/linear/b"},
      {"stem.weight", m + "stem/conv1_d/w", "kio->oik"},
      {"stem.bias", m + "stem/conv1_d/b"},
      {"conv_tower.conv_{i}.norm.weight", conv + "layer_norm/scale"},
      {"conv_tower.conv_{i}.norm.bias", conv + "layer_norm/offset"},
      {"conv_tower.conv_{i}.conv.weight", conv + "conv1_d/w", "kio->oik"},
      {"conv_tower.conv_{i}.conv.bias", conv + "conv1_d/b"},
      {"conv_tower.residual_{i}.norm.weight", conv_residual + "layer_norm/scale"},
      {"conv_tower.residual_{i}.norm.bias", conv_residual + "layer_norm/offset"},
      {"conv_tower.residual_{i}.linear.weight", conv_residual + "conv1_d/w", "1io->oi"},
      {"conv_tower.residual_{i}.linear.bias", conv_residual + "conv1_d/b"},
      {"transformer.{i}.attention_norm.weight", layer + "self_attention_layer_norm/scale"},
      {"transformer.{i}.attention_norm.bias", layer + "self_attention_layer_norm/offset"},
      {"transformer.{i}.attention.query.weight", layer + "self_attention/query/w", "io->oi"},
      {"transformer.{i}.attention.query.bias", layer + "self_attention/query/b"},
      {"transformer.{i}.attention.key.weight", layer + "self_attention/key/w", "io->oi"},
      {"transformer.{i}.attention.key.bias", layer + "self_attention/key/b"},
      {"transformer.{i}.attention.value.weight", layer + "self_attention/value/w", "io->oi"},
      {"transformer.{i}.attention.value.bias", layer + "self_attention/value/b"},
      {"transformer.{i}.attention.output.weight", layer + "self_attention/mha_output/w", "io->oi"},
      {"transformer.{i}.attention.output.bias", layer + "self_attention/mha_output/b"},
      {"transformer.{i}.ffn_norm.weight", layer + "final_layer_norm/scale"},
      {"transformer.{i}.ffn_norm.bias", layer + "final_layer_norm/offset"},
      {"transformer.{i}.ffn_up.weight", layer + "fc1/w", "io->oi"},
      {"transformer.{i}.ffn_down.weight", layer + "fc2/w", "io->oi"},
      {"deconv_tower.deconv_{i}.norm.weight", deconv + "layer_norm/scale"},
      {"deconv_tower.deconv_{i}.norm.bias", deconv + "layer_norm/offset"},
      {"deconv_tower.deconv_{i}.weight", deconv + "conv1_d_transpose/w", "koi->io-k"},
      {"deconv_tower.deconv_{i}.bias", deconv + "conv1_d_transpose/b"},
      {"deconv_tower.residual_{i}.norm.weight", deconv_residual + "layer_norm/scale"},
      {"deconv_tower.residual_{i}.norm.bias", deconv_residual + "layer_norm/offset"},
      {"deconv_tower.residual_{i}.linear.weight", deconv_residual + "conv1_d_transpose/w",
       "1oi->oi"},
      {"deconv_tower.residual_{i}.linear.bias", deconv_residual + "conv1_d_transpose/b"},
      {"lm_head_{omic}_output.weight", m + "{omic}_head_linear_final/w", "io->oi"},
      {"lm_head_{omic}_output.bias", m + "{omic}_head_linear_final/b"},
      {"lm_head_{omic}_{i}.weight", m + "{omic}_head_linear_{i}/w", "io->oi"},
      {"lm_head_{omic}_{i}.bias", m + "{omic}_head_linear_{i}/b"},
  };
}

}  // namespace cohesin
