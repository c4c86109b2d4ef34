#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cohesin/data/omics_dataset.h"
#include "cohesin/tasks/omics_predictor.h"
#include "cohesin/tensor/batch.h"

namespace cohesin {

// What each gene of each omic contributes to an output of a predictor.
//
// Genes enter a predictor twice: as vectors (the embedding of an omic, deep path) and as scaled
// values (shallow path). Both together are the point at which a sample stands; attributions lead
// from a baseline to that point and are summed over a gene's vector and value. A gene that a sample
// does not have stands at its baseline and gets 0.

// The other end: a vector a gene for each omic; scaled values are 0, the training mean.
struct AttributionBaseline {
  NamedTensors embedded_LE;  // by omic; empty without a deep path
  NamedTensors value_G;      // by omic: the mean value in the measure of gene_values
};
enum class BaselineKind {
  mean,  // the mean vector of the gene over samples that have it: an average patient
  mask   // the vector of <mask>: a gene that was not measured
};
BaselineKind parse_baseline_kind(const std::string& name);  // "mean" or "mask", else throws Error

// Of `samples`, which serve for the means.
AttributionBaseline make_baseline(OmicsPredictor& predictor, const OmicsDataset& dataset,
                                  const std::vector<int64_t>& samples, BaselineKind kind);

// Weights [B,T] of the outputs that make the number to be explained. Of a class: its logit minus
// the mean logit, so that what raises all logits alike says nothing.
at::Tensor class_contrast(const std::vector<int64_t>& classes, int64_t num_classes);

struct Attributions {
  NamedTensors genes_BG;    // by omic, double
  at::Tensor difference_B;  // integrated gradients: the number at the sample minus at baseline
  NamedTensors shown_BG;    // by omic, bool: the sample has the gene and the model sees it
};

// Integrated gradients (Sundararajan et al. 2017, arXiv:1703.01365) by Gauss-Legendre quadrature
// with `steps` nodes on the straight line from the baseline; their sum over genes and omics
// approaches difference_B as steps grow (completeness).
Attributions integrated_gradients(OmicsPredictor& predictor, const OmicsDataset& dataset,
                                  const std::vector<int64_t>& samples,
                                  const AttributionBaseline& baseline,
                                  const at::Tensor& contrast_BT, int64_t steps);

// Occlusion: the number minus what it becomes when one gene of one omic is put to its baseline,
// gene by gene, for the positions `genes` of each omic (0 elsewhere).
Attributions occlusion(OmicsPredictor& predictor, const OmicsDataset& dataset,
                       const std::vector<int64_t>& samples, const AttributionBaseline& baseline,
                       const at::Tensor& contrast_BT,
                       const std::map<std::string, std::vector<int64_t>>& genes);

// Each gene's value as the model sees it, by omic: scaled where the model has scaled values, else
// its token; what stands where a gene is not shown means nothing.
NamedTensors gene_values(const Batch& batch, const OmicsDataset& dataset);

// Samples that fit into one forward and backward pass of a model with so many positions.
int64_t attribution_batch_size(int64_t sequence_length);

// Nodes and weights of Gauss-Legendre quadrature on [0,1].
struct Quadrature {
  std::vector<double> nodes, weights;
};
Quadrature gauss_legendre(int64_t num_nodes);

}  // namespace cohesin
