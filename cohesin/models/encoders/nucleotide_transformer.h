#pragma once

#include "cohesin/models/encoders/token_encoder.h"

namespace cohesin {

// The Nucleotide Transformer (Dalla-Torre et al. 2024, doi:10.1038/s41592-024-02523-z): a language
// model of DNA in words of six letters. Version 1 has learned positions and a GELU feed-forward,
// version 2 rotary positions and a gated feed-forward without biases. Defaults are those of
// nucleotide-transformer-v2-250m-multi-species.
struct NucleotideTransformerConfig : TokenEncoderConfig {
  NucleotideTransformerConfig();
  void visit(Fields& field) override;
  void resolve() override;
  bool describes(const std::map<std::string, std::string>& keys) const override;
  // Gated or not, and without a layer_norm_eps in the config the one of the weights' source: 1e-5
  // of the JAX code, 1e-12 of the Hugging Face one.
  void infer(const TensorShapes& foreign) override;
};

class NucleotideTransformer : public TokenEncoder {
 public:
  explicit NucleotideTransformer(const NucleotideTransformerConfig& config);  // resolves its copy
  const ModelConfig& config() const override { return config_; }
  const TokenEncoderConfig& encoder_config() const override { return config_; }
  std::string tokenizer() const override { return "nt"; }

 private:
  NucleotideTransformerConfig config_;
};

WeightMap nucleotide_transformer_haiku_names();

}  // namespace cohesin
