#include "cohesin/models/encoders/bulk_rna_bert.h"

#include <torch/nn/module.h>

#include "cohesin/base/error.h"

namespace cohesin {

void BulkRnaBertConfig::visit(Fields& field) {
  field("n_genes", n_genes);
  field("n_expressions_bins", n_expressions_bins, "classes of the head");
  field("token_rows", token_rows,
        "rows of the token table; default n_expressions_bins as published, where <pad> and <mask> "
        "read the last bin's row; n_expressions_bins + 2 gives them rows of their own");
  field("embed_dim", embed_dim);
  field("use_gene_embedding", use_gene_embedding, "adds a learned vector of each gene");
  field("init_gene_embed_dim", init_gene_embed_dim, "width of the gene table");
  field("project_gene_embedding", project_gene_embedding,
        "a Linear after the gene table; always on when the widths differ");
  field("num_layers", num_layers);
  field("num_attention_heads", num_attention_heads);
  field("key_size", key_size, "width of a head; default embed_dim / num_attention_heads");
  field("ffn_embed_dim", ffn_embed_dim);
  field("embeddings_layers_to_save", embeddings_layers_to_save, "layers count from 1");
  field("attention_layers_to_save", attention_layers_to_save, "layers count from 1");
  field("omic", omic, "the modality that goes in");
  field("continuous_input", continuous_input, "scaled values go in instead of tokens");
}

void BulkRnaBertConfig::resolve() {
  check_at_least("n_genes", n_genes, 1);
  check_at_least("n_expressions_bins", n_expressions_bins, 1);
  if (!token_rows) token_rows = n_expressions_bins;
  check_at_least("token_rows", *token_rows, 1);
  check_at_least("init_gene_embed_dim", init_gene_embed_dim, 1);
  check_at_least("num_layers", num_layers, 1);
  check_at_least("ffn_embed_dim", ffn_embed_dim, 1);
  check_layers("embeddings_layers_to_save", embeddings_layers_to_save, num_layers);
  check_layers("attention_layers_to_save", attention_layers_to_save, num_layers);
  key_size = resolve_key_size(key_size, embed_dim, num_attention_heads);
  if (init_gene_embed_dim != embed_dim) project_gene_embedding = true;
}

void BulkRnaBertConfig::fit_to(int64_t num_genes, const std::map<std::string, OmicInput>& omics) {
  if (omics.size() != 1) {
    throw Error("bulk_rna_bert takes one omic, the data have {}: name one, or train a mojo",
                omics.size());
  }
  const auto& [name, input] = *omics.begin();
  n_genes = num_genes;
  omic = name;
  n_expressions_bins = input.bins;
  token_rows = input.bins + 2;
  continuous_input = input.continuous;
}

BulkRnaBert::BulkRnaBert(const BulkRnaBertConfig& config) : config_(config) {
  config_.resolve();
  const BulkRnaBertConfig& c = config_;
  if (c.continuous_input) {
    value_embedding_ = register_module("value_embedding",
                                       std::make_shared<ValueEmbedding>(c.embed_dim, c.n_genes));
  } else {
    token_embedding_ =
        register_module("token_embedding", std::make_shared<Embedding>(*c.token_rows, c.embed_dim));
  }
  if (c.use_gene_embedding) {
    gene_embedding_ = register_module(
        "gene_embedding", std::make_shared<GeneEmbedding>(c.n_genes, c.init_gene_embed_dim,
                                                          c.embed_dim, c.project_gene_embedding));
  }
  TransformerConfig transformer;
  transformer.num_layers = c.num_layers;
  transformer.attention = {c.embed_dim, c.num_attention_heads, *c.key_size, false};
  transformer.ffn_embed_dim = c.ffn_embed_dim;
  transformer.feed_forward = FeedForward::gelu;
  transformer_ = register_module("transformer", std::make_shared<Transformer>(transformer));
  lm_head_ =
      register_module("lm_head", std::make_shared<Linear>(c.embed_dim, c.n_expressions_bins));
}

at::Tensor BulkRnaBert::embed(const std::string& /*omic*/, const Batch& batch) {
  return config_.continuous_input ? value_embedding_->forward(checked_input(batch, "values"),
                                                              checked_input(batch, "hidden"))
                                  : token_embedding_->forward(checked_input(batch, "tokens"));
}

Outputs BulkRnaBert::forward(const Batch& batch, const Wanted& wanted) {
  Outputs out;
  at::Tensor x_BGD = embedded(config_.omic, batch);
  if (gene_embedding_) x_BGD = x_BGD + gene_embedding_->forward();
  const LayerTaps taps = layer_taps(wanted, config_.num_layers, config_.embeddings_layers_to_save,
                                    config_.attention_layers_to_save);
  const int64_t num_layers = wanted("logits") ? config_.num_layers : taps.last_layer();
  x_BGD = transformer_->forward(x_BGD, taps, out.tensors, num_layers);
  if (wanted("logits")) out.tensors["logits"] = lm_head_->forward(x_BGD);
  return out;
}

InitialisationRows BulkRnaBert::initialisation() const {
  return {{".*norm\\.weight", Initialisation::ones},
          {"transformer\\..*attention\\..*|lm_head\\..*", Initialisation::he_uniform},
          {"token_embedding\\..*|gene_embedding\\.weight|.*\\.(mask|pad)", Initialisation::table},
          {".*\\.bias", Initialisation::zeros},
          {".*\\.weight", Initialisation::fan_in}};
}

WeightMap bulk_rna_bert_haiku_names() {
  const std::string m = "bulk_bert/";
  const std::string layer = m + "self_attention_block_{i}/~/";
  return {
      {"token_embedding.weight", m + "~/expression_embedding/embeddings"},
      {"gene_embedding.weight", m + "~/gene_embedding/embeddings"},
      {"gene_embedding.projection.weight", m + "~/linear/w", "io->oi"},
      {"gene_embedding.projection.bias", m + "~/linear/b"},
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
      {"transformer.{i}.ffn_up.bias", layer + "fc1/b"},
      {"transformer.{i}.ffn_down.weight", layer + "fc2/w", "io->oi"},
      {"transformer.{i}.ffn_down.bias", layer + "fc2/b"},
      {"lm_head.weight", m + "~/simple_lm_head/~/lm_final_fc/w", "io->oi"},
      {"lm_head.bias", m + "~/simple_lm_head/~/lm_final_fc/b"},
  };
}

WeightMap bulk_rna_bert_huggingface_names() {
  const std::string layer = "transformer_layers.{i}.";
  WeightMap map = {
      {"token_embedding.weight", "expression_embedding_layer.weight"},
      {"gene_embedding.weight", "gene_embedding_layer.weight"},
  };
  add_weights_and_biases(
      map, {
               {"gene_embedding.projection", "fc_gene_embedding"},
               {"transformer.{i}.attention_norm", layer + "layer_norm_self_attention"},
               {"transformer.{i}.attention.query", layer + "mha.w_q"},
               {"transformer.{i}.attention.key", layer + "mha.w_k"},
               {"transformer.{i}.attention.value", layer + "mha.w_v"},
               {"transformer.{i}.attention.output", layer + "mha.output"},
               {"transformer.{i}.ffn_norm", layer + "layer_norm_mlp"},
               {"transformer.{i}.ffn_up", layer + "fc1"},
               {"transformer.{i}.ffn_down", layer + "fc2"},
               {"lm_head", "lm_head"},
           });
  return map;
}

}  // namespace cohesin
