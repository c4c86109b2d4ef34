#include "cohesin/tasks/attribution.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "cohesin/base/error.h"
#include "cohesin/tasks/model_inputs.h"

namespace cohesin {

namespace {

// A batch whose genes are vectors and scaled values that may be moved: `keys` name them.
struct Point {
  Batch batch;
  std::vector<std::string> keys;
  NamedTensors shown_BG;  // by omic
};

NamedTensors embeddings_of(OmicsPredictor& predictor, const Batch& batch) {
  NamedTensors embedded;
  if (predictor.model() == nullptr) return embedded;
  const Batch renamed = rename_inputs(*predictor.model(), batch);
  for (const auto& omic : predictor.model()->omics())
    embedded[omic] = predictor.model()->embed(omic, renamed);
  return embedded;
}

at::Tensor shown_genes(const Batch& batch, const OmicsDataset& dataset, const std::string& omic) {
  const OmicsEncoder& encoder = dataset.encoder();
  return batch.at(omic + ".tokens").narrow(1, 0, encoder.num_genes()) !=
         encoder.tokenizer(omic).mask_token();
}

Point point_of(OmicsPredictor& predictor, const OmicsDataset& dataset,
               const std::vector<int64_t>& samples) {
  const torch::NoGradGuard no_grad;
  Point point;
  point.batch = dataset.batch(samples);
  for (const auto& omic : dataset.encoder().omics()) {
    point.shown_BG[omic] = shown_genes(point.batch, dataset, omic);
    if (point.batch.has(omic + ".features")) point.keys.push_back(omic + ".features");
  }
  for (const auto& [omic, embedded_BLE] : embeddings_of(predictor, point.batch)) {
    point.batch.tensors[omic + ".embedded"] = embedded_BLE;
    point.keys.push_back(omic + ".embedded");
  }
  return point;
}

std::string omic_of(const std::string& key) { return key.substr(0, key.rfind('.')); }

// Where the samples would stand if each shown gene were at its baseline; pads stay.
NamedTensors start_of(const Point& point, const AttributionBaseline& baseline) {
  NamedTensors start;
  for (const auto& key : point.keys) {
    const at::Tensor& end = point.batch.at(key);
    start[key] = at::zeros_like(end);
    const auto embedded = baseline.embedded_LE.find(omic_of(key));
    if (end.dim() != 3 || embedded == baseline.embedded_LE.end()) continue;
    const at::Tensor& shown_BG = point.shown_BG.at(omic_of(key));
    const at::Tensor shown_BL =
        at::constant_pad_nd(shown_BG, {0, end.size(1) - shown_BG.size(1)}, false);
    start[key] = at::where(shown_BL.unsqueeze(2), embedded->second, end);
  }
  return start;
}

// Adds what stands for a key's elements to the genes they belong to.
void add_to_genes(const std::string& key, const at::Tensor& elements, const OmicsDataset& dataset,
                  NamedTensors& genes_BG) {
  const std::string omic = omic_of(key);
  const int64_t num_genes = dataset.encoder().num_genes();
  at::Tensor& sum_BG = genes_BG[omic];
  if (!sum_BG.defined()) sum_BG = at::zeros({elements.size(0), num_genes}, at::kDouble);
  if (elements.dim() == 3)
    sum_BG += elements.to(at::kDouble).sum(2).narrow(1, 0, num_genes);
  else
    sum_BG.index_add_(1, at::tensor(dataset.encoder().measured(omic), at::kLong),
                      elements.to(at::kDouble));
}

at::Tensor explained_number(OmicsPredictor& predictor, const Batch& batch,
                            const at::Tensor& contrast_BT) {
  return (predictor.forward(batch).to(at::kDouble) * contrast_BT).sum(1);
}

std::vector<int64_t> shown_of(const at::Tensor& shown_G, const std::vector<int64_t>& positions) {
  const at::Tensor contiguous = shown_G.contiguous();
  const bool* is_shown = contiguous.const_data_ptr<bool>();
  std::vector<int64_t> shown;
  for (const int64_t gene : positions)
    if (is_shown[gene]) shown.push_back(gene);
  return shown;
}

// Sample `b` once for each of `genes`, with this gene of the omic at its start.
Batch without_each(const Point& point, const NamedTensors& start, const OmicsDataset& dataset,
                   int64_t b, const std::string& omic, const std::vector<int64_t>& genes) {
  const auto count = static_cast<int64_t>(genes.size());
  Batch batch;
  for (const auto& [key, tensor] : point.batch.tensors) {
    std::vector<int64_t> shape = tensor.sizes().vec();
    shape[0] = count;
    batch.tensors[key] = tensor.narrow(0, b, 1).expand(shape);
  }
  const std::vector<int64_t> measured = dataset.encoder().measured(omic);
  for (const auto& key : point.keys) {
    if (omic_of(key) != omic) continue;
    at::Tensor moved = batch.at(key).clone();
    for (int64_t i = 0; i < count; ++i) {
      int64_t column = genes[static_cast<size_t>(i)];
      if (moved.dim() == 2) {  // features leave out what training did not measure
        const auto place = std::lower_bound(measured.begin(), measured.end(), column);
        if (place == measured.end() || *place != column) continue;
        column = place - measured.begin();
      }
      moved[i][column].copy_(start.at(key)[b][column]);
    }
    batch.tensors[key] = moved;
  }
  return batch;
}

}  // namespace

BaselineKind parse_baseline_kind(const std::string& name) {
  if (name == "mean") return BaselineKind::mean;
  if (name == "mask") return BaselineKind::mask;
  throw Error("no baseline '{}'; known are mean and mask", name);
}

NamedTensors gene_values(const Batch& batch, const OmicsDataset& dataset) {
  const OmicsEncoder& encoder = dataset.encoder();
  NamedTensors values_BG;
  for (const auto& omic : encoder.omics()) {
    if (batch.has(omic + ".features")) {
      const at::Tensor& features_BF = batch.at(omic + ".features");
      values_BG[omic] = at::zeros({features_BF.size(0), encoder.num_genes()}, at::kDouble)
                            .index_copy_(1, at::tensor(encoder.measured(omic), at::kLong),
                                         features_BF.to(at::kDouble));
    } else {
      const std::string key = omic + (batch.has(omic + ".values") ? ".values" : ".tokens");
      values_BG[omic] = batch.at(key).narrow(1, 0, encoder.num_genes()).to(at::kDouble);
    }
  }
  return values_BG;
}

int64_t attribution_batch_size(int64_t sequence_length) {
  constexpr int64_t kPositions = 65536, kMostSamples = 64;
  return std::clamp<int64_t>(kPositions / std::max<int64_t>(1, sequence_length), 1, kMostSamples);
}

AttributionBaseline make_baseline(OmicsPredictor& predictor, const OmicsDataset& dataset,
                                  const std::vector<int64_t>& samples, BaselineKind kind) {
  const torch::NoGradGuard no_grad;
  AttributionBaseline sums;
  NamedTensors counts_G;
  const int64_t num_genes = dataset.encoder().num_genes();
  const auto size = static_cast<size_t>(attribution_batch_size(num_genes));
  const auto add = [](NamedTensors& to, const std::string& name, const at::Tensor& more) {
    to[name] = to.count(name) != 0 ? to[name] + more : more;
  };
  for (size_t begin = 0; begin < samples.size(); begin += size) {
    const std::vector<int64_t> part(
        samples.begin() + static_cast<int64_t>(begin),
        samples.begin() + static_cast<int64_t>(std::min(samples.size(), begin + size)));
    const Point point = point_of(predictor, dataset, part);
    for (const auto& [omic, values_BG] : gene_values(point.batch, dataset)) {
      const at::Tensor shown_BG = point.shown_BG.at(omic).to(at::kDouble);
      add(counts_G, omic, shown_BG.sum(0));
      add(sums.value_G, omic, (values_BG * shown_BG).sum(0));
      if (!point.batch.has(omic + ".embedded")) continue;
      const at::Tensor embedded_BGE = point.batch.at(omic + ".embedded").narrow(1, 0, num_genes);
      add(sums.embedded_LE, omic, (embedded_BGE.to(at::kDouble) * shown_BG.unsqueeze(2)).sum(0));
    }
  }
  AttributionBaseline baseline;
  for (const auto& [omic, sum_G] : sums.value_G)
    baseline.value_G[omic] = sum_G / counts_G.at(omic).clamp_min(1);
  if (predictor.model() == nullptr) return baseline;
  // Pads, and under `mask` the genes too, are those of a sample without any value; a model that
  // cannot hide is not asked to.
  const HiddenOmics hidden = kind == BaselineKind::mask ? HiddenOmics{~uint32_t{0}} : HiddenOmics{};
  for (const auto& [omic, any_1LE] :
       embeddings_of(predictor, dataset.batch({samples.front()}, hidden))) {
    at::Tensor embedded_LE = any_1LE.squeeze(0).clone();
    if (kind == BaselineKind::mean) {
      const at::Tensor count_G1 = counts_G.at(omic).unsqueeze(1);
      const at::Tensor mean_GE = sums.embedded_LE.at(omic) / count_G1.clamp_min(1);
      at::Tensor genes_GE = embedded_LE.narrow(0, 0, num_genes);
      genes_GE.copy_(at::where(count_G1 > 0, mean_GE.to(at::kFloat), genes_GE));
    }
    baseline.embedded_LE[omic] = embedded_LE;
  }
  return baseline;
}

at::Tensor class_contrast(const std::vector<int64_t>& classes, int64_t num_classes) {
  const auto count = static_cast<int64_t>(classes.size());
  const at::Tensor contrast_BT =
      at::full({count, num_classes}, -1.0 / static_cast<double>(num_classes), at::kDouble);
  for (int64_t b = 0; b < count; ++b)
    contrast_BT.data_ptr<double>()[b * num_classes + classes[static_cast<size_t>(b)]] += 1;
  return contrast_BT;
}

Attributions integrated_gradients(OmicsPredictor& predictor, const OmicsDataset& dataset,
                                  const std::vector<int64_t>& samples,
                                  const AttributionBaseline& baseline,
                                  const at::Tensor& contrast_BT, int64_t steps) {
  const Point end = point_of(predictor, dataset, samples);
  const NamedTensors start = start_of(end, baseline);
  const auto at_point = [&](double share) {
    Batch batch = end.batch;
    for (const auto& key : end.keys)
      batch.tensors[key] = at::lerp(start.at(key), end.batch.at(key), share);
    return batch;
  };
  NamedTensors gradients;
  const Quadrature rule = gauss_legendre(steps);
  for (size_t k = 0; k < rule.nodes.size(); ++k) {
    Batch batch = at_point(rule.nodes[k]);
    std::vector<at::Tensor> inputs;
    for (const auto& key : end.keys) inputs.push_back(batch.tensors[key].set_requires_grad(true));
    const at::Tensor sum = explained_number(predictor, batch, contrast_BT).sum();
    const auto slopes = torch::autograd::grad({sum}, inputs);
    for (size_t i = 0; i < end.keys.size(); ++i) {
      const at::Tensor part = slopes[i] * rule.weights[k];
      at::Tensor& total = gradients[end.keys[i]];
      total = total.defined() ? total + part : part;
    }
  }
  const torch::NoGradGuard no_grad;
  Attributions result;
  for (const auto& key : end.keys)
    add_to_genes(key, gradients.at(key) * (end.batch.at(key) - start.at(key)), dataset,
                 result.genes_BG);
  result.difference_B = explained_number(predictor, at_point(1), contrast_BT) -
                        explained_number(predictor, at_point(0), contrast_BT);
  result.shown_BG = end.shown_BG;
  return result;
}

Attributions occlusion(OmicsPredictor& predictor, const OmicsDataset& dataset,
                       const std::vector<int64_t>& samples, const AttributionBaseline& baseline,
                       const at::Tensor& contrast_BT,
                       const std::map<std::string, std::vector<int64_t>>& genes) {
  const torch::NoGradGuard no_grad;
  const Point point = point_of(predictor, dataset, samples);
  const NamedTensors start = start_of(point, baseline);
  const at::Tensor whole_B = explained_number(predictor, point.batch, contrast_BT);
  Attributions result;
  result.shown_BG = point.shown_BG;
  const int64_t num_genes = dataset.encoder().num_genes();
  const auto size = static_cast<size_t>(attribution_batch_size(num_genes));
  for (const auto& [omic, positions] : genes) {
    at::Tensor& found_BG = result.genes_BG[omic];
    found_BG = at::zeros({static_cast<int64_t>(samples.size()), num_genes}, at::kDouble);
    for (int64_t b = 0; b < found_BG.size(0); ++b) {
      const std::vector<int64_t> shown = shown_of(point.shown_BG.at(omic)[b], positions);
      for (size_t begin = 0; begin < shown.size(); begin += size) {
        const std::vector<int64_t> part(
            shown.begin() + static_cast<int64_t>(begin),
            shown.begin() + static_cast<int64_t>(std::min(shown.size(), begin + size)));
        const auto count = static_cast<int64_t>(part.size());
        const at::Tensor without =
            explained_number(predictor, without_each(point, start, dataset, b, omic, part),
                             contrast_BT.narrow(0, b, 1).expand({count, contrast_BT.size(1)}));
        found_BG[b].index_copy_(0, at::tensor(part, at::kLong), whole_B[b] - without);
      }
    }
  }
  return result;
}

Quadrature gauss_legendre(int64_t num_nodes) {
  if (num_nodes < 1) throw Error("steps: expected at least 1, got {}", num_nodes);
  Quadrature rule;
  const auto n = static_cast<double>(num_nodes);
  for (int64_t i = 0; i < num_nodes; ++i) {
    double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (n + 0.5));
    double slope = 1;
    for (int round = 0; round < 100; ++round) {  // Newton on the Legendre polynomial
      double previous = 1, value = x;
      for (double k = 2; k <= n; k += 1) {
        const double next = ((2 * k - 1) * x * value - (k - 1) * previous) / k;
        previous = value;
        value = next;
      }
      slope = n * (x * value - previous) / (x * x - 1);
      const double move = value / slope;
      x -= move;
      if (std::abs(move) < 1e-15) break;
    }
    rule.nodes.push_back((1 - x) / 2);
    rule.weights.push_back(1 / ((1 - x * x) * slope * slope));
  }
  return rule;
}

}  // namespace cohesin
