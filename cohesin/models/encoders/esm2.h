#pragma once

#include "cohesin/models/encoders/token_encoder.h"

namespace cohesin {

// ESM-2 (Lin et al. 2023, doi:10.1126/science.ade2574): a language model of protein sequences.
// Defaults are those of esm2_t33_650M_UR50D.
struct Esm2Config : TokenEncoderConfig {
  Esm2Config();
  void visit(Fields& field) override;
  bool describes(const std::map<std::string, std::string>& keys) const override;
};

class Esm2 : public TokenEncoder {
 public:
  explicit Esm2(const Esm2Config& config);  // resolves its copy
  const ModelConfig& config() const override { return config_; }
  const TokenEncoderConfig& encoder_config() const override { return config_; }
  std::string tokenizer() const override { return "esm"; }

 private:
  Esm2Config config_;
};

WeightMap esm2_fair_names();  // of the fair-esm package, prefixes taken off

}  // namespace cohesin
