#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cohesin/base/fields.h"
#include "cohesin/tensor/batch.h"

namespace cohesin {

// The names of the outputs that the caller wants; a model computes these and no others.
class Wanted {
 public:
  static Wanted everything() { return Wanted(true, {}); }
  Wanted(std::initializer_list<std::string> names) : names_(names) {}
  explicit Wanted(std::set<std::string> names) : names_(std::move(names)) {}

  bool operator()(const std::string& name) const { return all_ || names_.count(name) != 0; }
  // True if any wanted name is `prefix` or starts with `prefix` and a dot.
  bool any(const std::string& prefix) const;

 private:
  Wanted(bool all, std::set<std::string> names) : all_(all), names_(std::move(names)) {}
  bool all_ = false;
  std::set<std::string> names_;
};

// What a model gives back, by the authors' names.
struct Outputs {
  NamedTensors tensors;
  const at::Tensor& at(const std::string& name) const;  // throws Error naming what is there
};

// The settings of a model: the authors' keys, published values as defaults.
struct ModelConfig {
  virtual ~ModelConfig() = default;
  virtual void visit(Fields& field) = 0;
};

class Model : public torch::nn::Module {
 public:
  virtual Outputs forward(const Batch& batch, const Wanted& wanted) = 0;
  virtual const ModelConfig& config() const = 0;
};

// A model over a gene axis: one token (or value) a gene and omic.
class OmicsModel : public Model {
 public:
  // Names of its omics; BulkRNABert has "rnaseq" alone.
  virtual std::vector<std::string> omics() const = 0;
  // The key in a batch for "tokens" ([B,L] int64), "values" ([B,L] float), "hidden" ([B,L] bool:
  // continuous input only, true = shown as <mask>), of one omic.
  virtual std::string input_key(const std::string& omic, const std::string& kind) const = 0;
  // The output with this omic's logits [B,L,alphabet] ("logits.rnaseq", "logits").
  virtual std::string logits_name(const std::string& omic) const = 0;
  // The output [B,P,D] whose mean over P is the sample embedding.
  virtual std::string embedding_name() const = 0;
  virtual int64_t embedding_dim() const = 0;
  virtual int64_t num_genes() const = 0;        // real positions
  virtual int64_t sequence_length() const = 0;  // with the pads at the end
};

}  // namespace cohesin
