#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/models/fusion/conv_tower.h"
#include "cohesin/models/weight_map.h"
#include "cohesin/nn/gene_embedding.h"
#include "cohesin/nn/transformer.h"

namespace cohesin {

// MOJO (Gelard et al. 2025, doi:10.1101/2025.06.25.661237): the token embeddings of all omics are
// summed gene by gene, a convolutional tower pools the gene axis, a transformer works on the pooled
// positions, a mirrored tower leads back to every gene, and a head an omic predicts the bins.
// Shapes: B samples, L gene positions with pads, E token width, P pooled positions, D embed_dim.

struct MojoConfig : OmicsModelConfig {
  std::map<std::string, int64_t> alphabet_size{{"methylation", 66}, {"rnaseq", 66}};
  int64_t sequence_length = 17116;
  int64_t fixed_sequence_length = 17152;
  int64_t token_embed_dim = 256;
  bool use_gene_embedding = true;
  int64_t init_gene_embed_dim = 200;
  bool project_gene_embedding = true;
  int64_t conv_init_embed_dim = 512;
  int64_t stem_kernel_shape = 15;
  int64_t num_downsamples = 8;
  std::vector<int64_t> filter_list;
  bool use_skip_connection = true;
  int64_t embed_dim = 512;
  int64_t num_layers = 8;
  int64_t num_attention_heads = 16;
  std::optional<int64_t> key_size;
  int64_t ffn_embed_dim = 1024;
  double layer_norm_eps = 1e-5;
  int64_t num_hidden_layers_head = 1;
  std::vector<int64_t> embeddings_layers_to_save;
  std::vector<int64_t> attention_layers_to_save;
  std::string gelu = "tanh";
  std::map<std::string, bool> continuous_input;

  void visit(Fields& field) override;
  void resolve() override;
  void fit_to(int64_t num_genes, const std::map<std::string, OmicInput>& omics) override;
  bool is_continuous(const std::string& omic) const;
};

class Mojo : public OmicsModel {
 public:
  explicit Mojo(const MojoConfig& config);  // resolves its copy

  // Batch: "OMIC.tokens", or "OMIC.values" and "OMIC.hidden". Outputs: omic_embeddings.OMIC and
  // embeddings, embeddings_with_gene_embedding [B,L,E]; stem, conv_tower, conv_tower_residuals.I;
  // embeddings_K, after_transformer_embedding [B,P,D]; attention_map_layer_K [B,H,P,P];
  // deconv_tower [B,L,C]; logits.OMIC [B,L,alphabet]. Pads take part like any other token.
  Outputs forward(const Batch& batch, const Wanted& wanted) override;

  const MojoConfig& config() const override { return config_; }
  InitialisationRows initialisation() const override;
  std::vector<std::string> omics() const override;
  bool continuous(const std::string& omic) const override { return config_.is_continuous(omic); }
  std::string input_key(const std::string& omic, const std::string& kind) const override {
    return omic + "." + kind;
  }
  at::Tensor embed(const std::string& omic, const Batch& batch) override;
  std::string logits_name(const std::string& omic) const override { return "logits." + omic; }
  std::string embedding_name() const override { return "after_transformer_embedding"; }
  int64_t embedding_dim() const override { return config_.embed_dim; }
  int64_t num_genes() const override { return config_.sequence_length; }
  int64_t sequence_length() const override { return config_.fixed_sequence_length; }

 private:
  void make_heads();
  at::Tensor logits(const std::string& omic, const at::Tensor& x_BLC) const;

  MojoConfig config_;
  Gelu gelu_;
  std::map<std::string, std::shared_ptr<Embedding>> token_embedding_;
  std::map<std::string, std::shared_ptr<ValueEmbedding>> value_embedding_;
  std::shared_ptr<GeneEmbedding> gene_embedding_;
  std::shared_ptr<Conv1d> stem_;
  std::shared_ptr<ConvTower> conv_tower_;
  std::shared_ptr<Transformer> transformer_;
  std::shared_ptr<DeconvTower> deconv_tower_;
  std::map<std::string, std::vector<std::shared_ptr<Linear>>> heads_;
};

// Names of the authors' JAX parameters, "MODULE PATH/NAME".
WeightMap mojo_haiku_names();

}  // namespace cohesin
