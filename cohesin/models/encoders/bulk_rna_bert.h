#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/models/weight_map.h"
#include "cohesin/nn/gene_embedding.h"
#include "cohesin/nn/transformer.h"

namespace cohesin {

// BulkRNABert (Gelard et al. 2024, doi:10.1101/2024.06.18.599483): a token a gene, no position but
// the gene's own vector, a pre-norm transformer over all genes, a linear head over the bins.
// Shapes: B samples, G genes, D embed_dim, H heads.

struct BulkRnaBertConfig : OmicsModelConfig {
  int64_t n_genes = 19062;
  int64_t n_expressions_bins = 64;
  std::optional<int64_t> token_rows;
  int64_t embed_dim = 256;
  bool use_gene_embedding = true;
  int64_t init_gene_embed_dim = 200;
  bool project_gene_embedding = true;
  int64_t num_layers = 4;
  int64_t num_attention_heads = 8;
  std::optional<int64_t> key_size;
  int64_t ffn_embed_dim = 512;
  std::vector<int64_t> embeddings_layers_to_save;
  std::vector<int64_t> attention_layers_to_save;
  std::string omic = "rnaseq";
  bool continuous_input = false;

  void visit(Fields& field) override;
  void resolve() override;
  void fit_to(int64_t num_genes, const std::map<std::string, OmicInput>& omics) override;
};

class BulkRnaBert : public OmicsModel {
 public:
  explicit BulkRnaBert(const BulkRnaBertConfig& config);  // resolves its copy

  // Batch: "tokens", or "values" and "hidden". Outputs: embeddings_K [B,G,D],
  // attention_map_layer_K [B,H,G,G], logits [B,G,bins]. Attention holds no scores unless a map is
  // asked for (at 19,062 genes one map is 11.6 GB a sample). Layers that no output needs are not
  // run.
  Outputs forward(const Batch& batch, const Wanted& wanted) override;

  const BulkRnaBertConfig& config() const override { return config_; }
  InitialisationRows initialisation() const override;
  std::vector<std::string> omics() const override { return {config_.omic}; }
  bool continuous(const std::string& /*omic*/) const override { return config_.continuous_input; }
  bool can_hide(const std::string& /*omic*/) const override {
    return config_.continuous_input || *config_.token_rows >= config_.n_expressions_bins + 2;
  }
  std::string input_key(const std::string& /*omic*/, const std::string& kind) const override {
    return kind;
  }
  at::Tensor embed(const std::string& omic, const Batch& batch) override;
  std::string logits_name(const std::string& /*omic*/) const override { return "logits"; }
  std::string embedding_name() const override {
    return "embeddings_" + std::to_string(config_.num_layers);
  }
  int64_t embedding_dim() const override { return config_.embed_dim; }
  int64_t num_genes() const override { return config_.n_genes; }
  int64_t sequence_length() const override { return config_.n_genes; }

 private:
  BulkRnaBertConfig config_;
  std::shared_ptr<Embedding> token_embedding_;
  std::shared_ptr<ValueEmbedding> value_embedding_;
  std::shared_ptr<GeneEmbedding> gene_embedding_;
  std::shared_ptr<Transformer> transformer_;
  std::shared_ptr<Linear> lm_head_;
};

// Names of the authors' JAX parameters ("MODULE PATH/NAME") and of their PyTorch files.
WeightMap bulk_rna_bert_haiku_names();
WeightMap bulk_rna_bert_huggingface_names();

}  // namespace cohesin
