#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/encode/omics_encoder.h"
#include "cohesin/omics/multi_omics.h"
#include "cohesin/tensor/batch.h"

namespace cohesin {

// What a batch shall hold. Keys of the batch, for an omic "rnaseq":
//   rnaseq.tokens    [B,L] int64    bins; <mask> where hidden or not measured; pads at the end
//   rnaseq.values    [B,L] float    scaled values, 0 where not measured
//   rnaseq.hidden    [B,L] bool     true = not shown to the model
//   rnaseq.features  [B,F] float    the same without the genes not measured in training
//   rnaseq.present   [B]   float    1 = the omic is there and not hidden
// Tokens and presence are always there; of covariates only features and presence.
struct BatchContent {
  bool values = false;  // with `hidden`
  bool features = false;
};

// Which inputs each sample of a batch must do without, one bit an input in the encoder's order.
using HiddenOmics = std::vector<uint32_t>;

// A cohort as a model sees it. Rows are encoded on demand; those of a small cohort are kept (up to
// 256 MB), so memory stays near that of the cohort.
class OmicsDataset {
 public:
  // `sequence_length` is the model's, pads included; throws Error if it is below the axis' length,
  // if a modality holds another unit than its tokenizer was made for, or (by `missing_genes`) if
  // it lacks genes.
  OmicsDataset(std::shared_ptr<const MultiOmics> cohort,
               std::shared_ptr<const OmicsEncoder> encoder, int64_t sequence_length,
               BatchContent content, MissingGenes missing_genes = MissingGenes::kMask);

  // `hidden` is empty (nothing hidden) or has one entry a sample.
  Batch batch(const std::vector<int64_t>& samples, const HiddenOmics& hidden = {}) const;

  // How the cohort's modality lies on the model's axis; nullptr where the cohort lacks it.
  const AxisAlignment* alignment(const std::string& omic) const;
  // Bits of the omics that the sample has; of the inputs: with the covariates.
  uint32_t present_omics(int64_t sample) const;
  uint32_t present_inputs(int64_t sample) const;
  // The root mean square of the sample's scaled values of one omic: about 1 for a sample as those
  // of training. NaN where it lacks the omic, or the omic's tokenizer has no scaler.
  double deviation(const std::string& omic, int64_t sample) const;
  const MultiOmics& cohort() const { return *cohort_; }
  const OmicsEncoder& encoder() const { return *encoder_; }
  // What the tokenizers met so far, by omic.
  const std::map<std::string, TokenCounts>& counts() const { return counts_; }

  // The bit of an input; throws Error with the known names.
  uint32_t bit_of(const std::string& input) const;

 private:
  struct Source {                        // where one omic's values come from in this cohort
    const Modality* modality = nullptr;  // nullptr: the cohort lacks it
    AxisAlignment alignment;
    at::Tensor measured;  // [F] positions that were measured in training
  };
  struct Encoded {  // rows of an omic that were encoded before
    at::Tensor tokens_NL, values_NL;
    std::vector<uint8_t> done;
  };
  // Encodes samples[i] into row rows[i] of tokens_NL and values_NL; those without the omic are
  // left as they are.
  void encode_rows(const std::string& omic, const std::vector<int64_t>& samples,
                   const std::vector<int64_t>& rows, at::Tensor& tokens_NL,
                   at::Tensor& values_NL) const;
  void add_covariates(const std::vector<int64_t>& samples, const HiddenOmics& hidden,
                      Batch& batch) const;
  void add_omic(const std::string& omic, const std::vector<int64_t>& samples,
                const HiddenOmics& hidden, Batch& batch) const;

  std::shared_ptr<const MultiOmics> cohort_;
  std::shared_ptr<const OmicsEncoder> encoder_;
  int64_t sequence_length_;
  BatchContent content_;
  std::map<std::string, Source> sources_;
  CovariateEncoder::Encoded covariates_;
  bool keeps_rows_ = false;
  mutable std::map<std::string, Encoded> kept_;
  mutable std::map<std::string, TokenCounts> counts_;
};

}  // namespace cohesin
