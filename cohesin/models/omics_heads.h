#pragma once

#include <memory>

#include "cohesin/models/heads.h"

namespace cohesin {

// The two published downstream heads by themselves, on given embeddings: a classifier and a
// survival score. Its use is to hold the heads against the authors' code.
struct OmicsHeadsConfig : ModelConfig {
  MlpHeadConfig classification;
  MlpHeadConfig survival{{512, 256}, true, 0.0, 1, "selu", "identity"};
  int64_t embed_dim = 256;

  void visit(Fields& field) override;
  void resolve() override;
  void infer(const TensorShapes& foreign) override;
};

class OmicsHeads : public Model {
 public:
  explicit OmicsHeads(const OmicsHeadsConfig& config);

  // Batch: "embeddings" [B,P,D]. Outputs, for HEAD classification and survival:
  // HEAD.mean_embedding [B,D], HEAD.mlp, HEAD.layer_norm [B,hidden], HEAD.logits.
  Outputs forward(const Batch& batch, const Wanted& wanted) override;
  const OmicsHeadsConfig& config() const override { return config_; }
  InitialisationRows initialisation() const override { return head_initialisation(); }
  // classification.loss: cross-entropy with "classification.labels" [B]; survival.loss:
  // sum(logits * "survival.cotangent"), which probes gradients.
  ReferenceLoss reference_loss(const Batch& batch) override;

 private:
  OmicsHeadsConfig config_;
  std::shared_ptr<MlpHead> classification_, survival_;
};

WeightMap omics_heads_haiku_names();

}  // namespace cohesin
