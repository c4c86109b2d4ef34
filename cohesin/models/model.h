#pragma once

#include <torch/nn/module.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cohesin/base/fields.h"
#include "cohesin/models/initialise.h"
#include "cohesin/tensor/batch.h"

namespace cohesin {

// The names of the outputs that the caller wants; a model computes these and no others.
class Wanted {
 public:
  // Every output, and of single layers those that the model's config lists.
  static Wanted everything() { return Wanted(true, {}); }
  Wanted(std::initializer_list<std::string> names) : names_(names) {}
  explicit Wanted(std::set<std::string> names) : names_(std::move(names)) {}

  bool all() const { return all_; }
  bool operator()(const std::string& name) const { return all_ || named(name); }
  bool named(const std::string& name) const { return names_.count(name) != 0; }
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

using TensorShapes = std::map<std::string, std::vector<int64_t>>;

// A foreign tensor that has no parameter of its own here, and why that is right.
struct ForeignNote {
  std::string name, why;  // "esm.embeddings.position_ids", "a list of numbers, not learned"
};

// The settings of a model: the authors' keys, published values as defaults.
struct ModelConfig {
  virtual ~ModelConfig() = default;
  virtual void visit(Fields& field) = 0;
  // Computes the keys that follow from others and checks the rest; throws Error naming the key.
  // Every model does this to its copy.
  virtual void resolve() {}
  // Whether the authors' config files of this model have such keys (with their JSON values).
  virtual bool describes(const std::map<std::string, std::string>& /*keys*/) const { return false; }
  // Brings foreign tensors into the form that the weight maps know: undoes older spellings, drops
  // what has no part in the result, and says so. Throws Error where a dropped tensor contradicts
  // the config. Called before infer().
  virtual std::vector<ForeignNote> tidy_foreign(NamedTensors& /*foreign*/,
                                                const std::string& /*where*/) const {
    return {};
  }
  // Takes from foreign weights, by their names, what the authors' config leaves open.
  virtual void infer(const TensorShapes& /*foreign*/) {}
};

// The scalars that the reference cases differentiate, and inputs whose gradient they hold.
struct ReferenceLoss {
  NamedTensors losses;      // by output name; empty when the batch has no labels
  NamedTensors inputs;      // leaves by gradient name
  NamedTensors after = {};  // buffers that the step moved, by our names, as they are now
};

class Model : public torch::nn::Module {
 public:
  virtual Outputs forward(const Batch& batch, const Wanted& wanted) = 0;
  virtual const ModelConfig& config() const = 0;
  // How each parameter starts when the model is trained from scratch.
  virtual InitialisationRows initialisation() const = 0;
  // The loss of the authors' reference cases, on what `batch` has for it.
  virtual ReferenceLoss reference_loss(const Batch& batch) = 0;
  // The smallest id that the input `name` may hold.
  virtual int64_t lowest_id(const std::string& /*name*/) const { return 0; }
};

// Settings that any model over a gene axis takes from the data.
struct OmicInput {
  int64_t bins = 64;  // of its value tokenizer; ids 0..bins-1, <pad> = bins, <mask> = bins + 1
  bool continuous = false;  // values instead of tokens go in; the logits stay over the bins
};
struct OmicsModelConfig : ModelConfig {
  // Sizes tables, heads and gene axis for training from scratch on such data. Throws Error where
  // the model cannot take these omics.
  virtual void fit_to(int64_t num_genes, const std::map<std::string, OmicInput>& omics) = 0;
};

// A model over a gene axis: one token (or value) a gene and omic.
class OmicsModel : public Model {
 public:
  // Names of its omics; BulkRNABert has "rnaseq" alone.
  virtual std::vector<std::string> omics() const = 0;
  // True where `omic` goes in as values and not as tokens.
  virtual bool continuous(const std::string& omic) const = 0;
  // Whether `omic` can be hidden: it has a vector of its own for <mask>.
  virtual bool can_hide(const std::string& /*omic*/) const { return true; }
  // The key in a batch for "tokens" ([B,L] int64), "values" ([B,L] float), "hidden" ([B,L] bool:
  // continuous input only, true = shown as <mask>), of one omic. Where a batch holds "embedded"
  // ([B,L,width] float, as embed() gives it), the model takes it instead of these: so that one can
  // look for the gradient with regard to an input, or put another in its place.
  virtual std::string input_key(const std::string& omic, const std::string& kind) const = 0;
  // One omic's input as vectors [B,L,width], before genes or omics meet.
  virtual at::Tensor embed(const std::string& omic, const Batch& batch) = 0;
  // The output with this omic's logits [B,L,alphabet] ("logits.rnaseq", "logits").
  virtual std::string logits_name(const std::string& omic) const = 0;
  // The output [B,P,D] whose mean over P is the sample embedding.
  virtual std::string embedding_name() const = 0;
  virtual int64_t embedding_dim() const = 0;
  virtual int64_t num_genes() const = 0;        // real positions
  virtual int64_t sequence_length() const = 0;  // with the pads at the end

  // Masked-LM loss on "mlm_tokens" and "mlm_labels" of every omic: one mean over the selected
  // positions of all omics together, by the name "mlm_loss".
  ReferenceLoss reference_loss(const Batch& batch) override;

 protected:
  // The input `key` as [B,sequence_length]; throws Error with the shape that is needed.
  const at::Tensor& checked_input(const Batch& batch, const std::string& key) const;
  // What embed() gives, or what the batch holds in its place.
  at::Tensor embedded(const std::string& omic, const Batch& batch);
};

// A model over the tokens of one sequence (protein, DNA or RNA).
class SequenceModel : public Model {
 public:
  virtual int64_t vocab_size() const = 0;
  virtual int64_t num_layers() const = 0;  // hidden states are numbered 0..num_layers
  virtual int64_t embedding_dim() const = 0;
  virtual int64_t max_tokens() const = 0;      // that it has positions for; 0 = no bound of its own
  virtual int64_t trained_tokens() const = 0;  // longest sequences of its training
  virtual int64_t pad_token() const = 0;
  virtual int64_t mask_token() const = 0;
  virtual std::string tokenizer() const = 0;  // the name of its tokenizer, "esm"
};

// The names "embeddings_k", "attention_map_layer_k" that `wanted` asks for; when it wants
// everything, those of the config's lists.
struct LayerTaps layer_taps(const Wanted& wanted, int64_t num_layers,
                            const std::vector<int64_t>& embeddings_to_save,
                            const std::vector<int64_t>& attention_to_save);
// Throws Error when a layer of the config list `key` does not exist.
void check_layers(const char* key, const std::vector<int64_t>& layers, int64_t num_layers);
// key_size, or embed_dim / num_heads where it is absent; throws Error when that is no whole number.
int64_t resolve_key_size(std::optional<int64_t> key_size, int64_t embed_dim, int64_t num_heads);
// Throws Error unless value >= lowest.
void check_at_least(const char* key, int64_t value, int64_t lowest);

}  // namespace cohesin
